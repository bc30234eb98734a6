// The embedded runs: a description, and their numbers in one compressed block.

const TYPES = { u1: Uint8Array, i2: Int16Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array };

/** Replace every address [type, first byte, length] by the array it stands for. */
function resolve(node, bytes) {
  if (Array.isArray(node) && node.length === 3 && node[0] in TYPES) {
    return new TYPES[node[0]](bytes, node[1], node[2]);
  }
  if (Array.isArray(node)) return node.map((item) => resolve(item, bytes));
  if (node === null || typeof node !== "object") return node;
  return Object.fromEntries(Object.entries(node).map(([name, item]) => [name, resolve(item, bytes)]));
}

/** Read the description and the numbers that stand in the page. */
export async function readPayload() {
  const description = JSON.parse(document.getElementById("description").textContent);
  const letters = atob(document.getElementById("numbers").textContent.trim());
  const packed = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return resolve(description, await new Response(stream).arrayBuffer());
}
