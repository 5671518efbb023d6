"""What a diagram is written as: DOT, Mermaid, text; and what lays it out."""
