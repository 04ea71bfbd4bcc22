import { hydrateRoot } from "react-dom/client";
import { App, makeClient } from "./page.tsx";

const root = document.getElementById("root");
window.client = makeClient(location.search);
if (root !== null) {
  const page = hydrateRoot(root, <App client={window.client} initial={window.initial} />);
  window.draw = (initial) => page.render(<App client={window.client} initial={initial} />);
}
