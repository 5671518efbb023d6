/** The widget of a notebook: a page in a frame of its own, to which it passes on the frames that Python sends. */

/** Show the page of a widget's model in an element; return what ends that. */
export function renderWidget({ model, el }) {
  const frame = document.createElement("iframe");
  frame.title = model.get("title");
  frame.setAttribute("sandbox", "allow-scripts"); // the scripts of the page cannot reach the notebook
  frame.style.cssText = `width: 100%; height: ${model.get("height")}px; border: 0`;
  const early = [];
  let isLoaded = false;
  const pass = (message) => frame.contentWindow.postMessage(message, "*");
  const receive = (content, buffers) => {
    const [{ buffer, byteOffset, byteLength }] = buffers;
    const message = { content, numbers: buffer.slice(byteOffset, byteOffset + byteLength) };
    if (isLoaded) pass(message);
    else early.push(message);
  };
  frame.addEventListener("load", () => {
    isLoaded = true;
    early.splice(0).forEach(pass);
  });
  const receiveAll = () => receive(model.get("content"), [model.get("numbers")]);
  if (model.get("numbers").byteLength > 0) receiveAll(); // training has ended
  model.on("msg:custom", receive);
  model.on("change:numbers", receiveAll);
  frame.srcdoc = model.get("html");
  el.append(frame);
  return () => {
    model.off("msg:custom", receive);
    model.off("change:numbers", receiveAll);
  };
}
