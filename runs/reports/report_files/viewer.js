// A small viewer of atoms: drag or arrow keys turn, wheel, pinch or + and - zoom, a slider chooses the frame.
// It draws shaded discs on a canvas, far ones first; no library, no network.
"use strict";

const LEVELS = 24; // of depth shading
const BUCKETS = 1024; // of the sort by depth
const TURN = 0.01; // radians per pixel that is dragged
const EYE = 3.2; // distance of the eye, in radii of the structure

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function times(a, b) {
  const product = [];
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++)
      product.push(a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j]);
  return product;
}

// Rotation about the screen's horizontal (x) and vertical (y) axis.
function rotation(x, y) {
  const [cx, sx, cy, sy] = [Math.cos(x), Math.sin(x), Math.cos(y), Math.sin(y)];
  return times([1, 0, 0, 0, cx, -sx, 0, sx, cx], [cy, 0, sy, 0, 1, 0, -sy, 0, cy]);
}

function channels(colour) {
  const code = parseInt(colour.trim().slice(1), 16);
  return [code >> 16, (code >> 8) & 255, code & 255];
}

function mixed(a, b, part) {
  return `rgb(${a.map((value, i) => Math.round(value + part * (b[i] - value))).join(",")})`;
}

class Viewer {
  constructor(root) {
    const data = JSON.parse(root.querySelector("script[type='application/json']").textContent);
    this.data = data;
    this.root = root;
    this.canvas = root.querySelector("canvas");
    this.pen = this.canvas.getContext("2d");
    this.site = new Int16Array(bytesOf(data.positions).buffer); // x, y, z of every site, little-endian
    this.n = data.n;
    this.states = bytesOf(data.states); // a nibble per site and frame: 0 empty, else 1 + kind
    this.shown = data.kinds.map(() => true);
    this.frame = data.frames.length - 1;
    this.screen = new Float32Array(3 * this.n);
    this.order = new Int32Array(this.n);
    this.pointers = new Map();
    this.printing = false;
    let farthest = 1;
    for (let i = 0; i < 3 * this.n; i += 3)
      farthest = Math.max(farthest, Math.hypot(this.site[i], this.site[i + 1], this.site[i + 2]));
    this.radius = farthest;
    this.reset();
    this.connect();
    this.show(this.frame);
  }

  reset() {
    this.turned = this.data.along ? times(rotation(0.35, 0.3), [0, 0, 1, -1, 0, 0, 0, -1, 0]) : rotation(0.5, 0.4);
    this.zoom = 1;
    const m = this.turned;
    this.across = [1, 1]; // half of what is seen from here, to fit it into the canvas
    for (let i = 0; i < 3 * this.n; i += 3)
      for (const row of [0, 1]) {
        const way = m[3 * row] * this.site[i] + m[3 * row + 1] * this.site[i + 1] + m[3 * row + 2] * this.site[i + 2];
        this.across[row] = Math.max(this.across[row], Math.abs(way));
      }
    this.later();
  }

  state(site, frame) {
    const place = frame * this.n + site;
    return (this.states[place >> 1] >> (place & 1 ? 4 : 0)) & 15;
  }

  // ---- what the reader does ------------------------------------------------------------------------------------

  connect() {
    const canvas = this.canvas;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
      canvas.focus({ preventScroll: true });
    });
    for (const end of ["pointerup", "pointercancel"])
      canvas.addEventListener(end, (event) => this.pointers.delete(event.pointerId));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.key(event));
    this.slider = this.root.querySelector("input[type=range]");
    this.play = this.root.querySelector("button.play");
    if (this.slider) this.slider.addEventListener("input", () => this.show(Number(this.slider.value)));
    if (this.play) this.play.addEventListener("click", () => this.toggle());
    this.root.querySelector("button.reset").addEventListener("click", () => this.reset());
    this.root.querySelectorAll("input[type=checkbox]").forEach((box, kind) => {
      box.addEventListener("change", () => {
        this.shown[kind] = box.checked;
        this.later();
      });
    });
    new ResizeObserver(() => this.later()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.later());
    addEventListener("beforeprint", () => this.print(true));
    addEventListener("afterprint", () => this.print(false));
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
    if (this.pointers.size === 2) {
      const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
      const apart = (at) => Math.hypot(at[0] - other[0], at[1] - other[1]);
      this.scale(apart([event.clientX, event.clientY]) / Math.max(apart(before), 1));
    } else {
      this.turn(dy * TURN, dx * TURN);
    }
    this.pointers.set(event.pointerId, [event.clientX, event.clientY]);
  }

  // The wheel scrolls the page until the view was clicked or reached by keyboard; a pinch on a touchpad always zooms.
  wheel(event) {
    if (document.activeElement !== this.canvas && !event.ctrlKey) return;
    event.preventDefault();
    this.scale(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)));
  }

  key(event) {
    const step = 0.1;
    const known = {
      ArrowLeft: () => this.turn(0, -step),
      ArrowRight: () => this.turn(0, step),
      ArrowUp: () => this.turn(-step, 0),
      ArrowDown: () => this.turn(step, 0),
      "+": () => this.scale(1.15),
      "=": () => this.scale(1.15),
      "-": () => this.scale(1 / 1.15),
      PageUp: () => this.show(this.frame - 1),
      PageDown: () => this.show(this.frame + 1),
      Home: () => this.reset(),
      " ": () => this.toggle(),
    };
    if (!known[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    known[event.key]();
  }

  turn(x, y) {
    this.turned = times(rotation(x, y), this.turned);
    this.later();
  }

  scale(factor) {
    this.zoom = Math.min(40, Math.max(0.4, this.zoom * factor));
    this.later();
  }

  toggle() {
    if (!this.play) return;
    if (this.timer) {
      clearInterval(this.timer);
      this.timer = null;
    } else {
      if (this.frame === this.data.frames.length - 1) this.show(0);
      this.timer = setInterval(() => {
        this.show(this.frame + 1);
        if (this.frame === this.data.frames.length - 1) this.toggle();
      }, 250);
    }
    this.play.textContent = this.timer ? "Pause" : "Play";
  }

  show(frame) {
    this.frame = Math.min(this.data.frames.length - 1, Math.max(0, frame));
    const label = this.data.frames[this.frame];
    this.root.querySelector("output.frame").textContent = label;
    if (this.slider) {
      this.slider.value = this.frame;
      this.slider.setAttribute("aria-valuetext", label);
    }
    const count = this.data.kinds.map(() => 0);
    for (let i = 0; i < this.n; i++) {
      const state = this.state(i, this.frame);
      if (state) count[state - 1]++;
    }
    this.root.querySelectorAll("output.count").forEach((place, kind) => {
      place.textContent = count[kind].toLocaleString("en");
    });
    this.later();
  }

  print(printing) {
    this.printing = printing;
    this.draw();
  }

  // ---- what is drawn -------------------------------------------------------------------------------------------

  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  // A disc with a highlight for every kind and depth, drawn once and then copied.
  discs(size, paper) {
    const key = `${size} ${paper}`;
    if (this.made === key) return this.sprites;
    this.made = key;
    this.sprites = this.data.kinds.map(([, colour]) => {
      const strip = document.createElement("canvas");
      strip.width = size * LEVELS;
      strip.height = size;
      const pen = strip.getContext("2d");
      for (let level = 0; level < LEVELS; level++) {
        const [x, r] = [(level + 0.5) * size, size / 2];
        const fog = 0.72 * (1 - level / (LEVELS - 1));
        const tint = (towards, part) => {
          const lit = channels(colour).map((value, i) => value + part * (towards[i] - value));
          return mixed(lit, paper, fog);
        };
        const shade = pen.createRadialGradient(x - 0.3 * r, 0.7 * r, 0.1 * r, x, r, r);
        shade.addColorStop(0, tint([255, 255, 255], 0.55));
        shade.addColorStop(0.45, tint([255, 255, 255], 0));
        shade.addColorStop(1, tint([0, 0, 0], 0.5));
        pen.fillStyle = shade;
        pen.beginPath();
        pen.arc(x, r, Math.max(r - 0.5, 0.5), 0, 2 * Math.PI);
        pen.fill();
      }
      return strip;
    });
    return this.sprites;
  }

  draw() {
    const { canvas, pen, site, screen, order, n } = this;
    const fine = Math.min(2, window.devicePixelRatio || 1);
    const [width, height] = [canvas.clientWidth * fine, canvas.clientHeight * fine].map(Math.round);
    if (!width || !height) return;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    pen.clearRect(0, 0, width, height);
    const style = getComputedStyle(this.root);
    const paper = this.printing ? [255, 255, 255] : channels(style.getPropertyValue("--paper"));
    const ink = this.printing ? "#222222" : style.getPropertyValue("--ink").trim();
    const perUnit = 0.4 * this.zoom * Math.min(width / this.across[0], height / this.across[1]);
    const m = this.turned;
    const eye = EYE * this.radius;
    const project = (i, x, y, z) => {
      const depth = m[6] * x + m[7] * y + m[8] * z;
      const near = eye / (eye - depth);
      screen[i] = width / 2 + perUnit * near * (m[0] * x + m[1] * y + m[2] * z);
      screen[i + 1] = height / 2 - perUnit * near * (m[3] * x + m[4] * y + m[5] * z);
      screen[i + 2] = depth;
    };
    let count = 0;
    const start = new Int32Array(BUCKETS + 1);
    const bucket = (depth) => Math.min(BUCKETS - 1, (((depth / this.radius + 1) / 2) * BUCKETS) | 0);
    for (let i = 0; i < n; i++) {
      const state = this.state(i, this.frame);
      if (!state || !this.shown[state - 1]) continue;
      project(3 * i, site[3 * i], site[3 * i + 1], site[3 * i + 2]);
      start[bucket(screen[3 * i + 2]) + 1]++;
      count++;
    }
    for (let b = 0; b < BUCKETS; b++) start[b + 1] += start[b];
    for (let i = 0; i < n; i++) {
      const state = this.state(i, this.frame);
      if (state && this.shown[state - 1]) order[start[bucket(screen[3 * i + 2])]++] = i;
    }
    const atom = 2 * this.data.atom_radius * perUnit;
    const size = Math.max(3, Math.min(96, Math.round(atom)));
    const discs = this.discs(size, paper);
    for (let k = 0; k < count; k++) {
      const i = order[k];
      const depth = screen[3 * i + 2];
      const level = Math.min(LEVELS - 1, Math.max(0, (((depth / this.radius + 1) / 2) * LEVELS) | 0));
      const wide = Math.max(1, (atom * eye) / (eye - depth));
      const [x, y] = [screen[3 * i] - wide / 2, screen[3 * i + 1] - wide / 2];
      pen.drawImage(discs[this.state(i, this.frame) - 1], level * size, 0, size, size, x, y, wide, wide);
    }
    this.ruler(perUnit, fine, height, ink);
  }

  // A bar of 1, 2 or 5 × 10ⁿ nm, at the depth of the middle.
  ruler(perUnit, fine, height, ink) {
    const { pen } = this;
    const perNm = perUnit * 10 * this.data.angstrom;
    const most = (110 * fine) / perNm;
    const power = 10 ** Math.floor(Math.log10(most));
    const nm = power * (most / power >= 5 ? 5 : most / power >= 2 ? 2 : 1);
    const [x, y] = [14 * fine, height - 14 * fine];
    pen.fillStyle = ink;
    pen.fillRect(x, y, nm * perNm, 3 * fine);
    pen.font = `${12 * fine}px system-ui, sans-serif`;
    pen.fillText(`${Number(nm.toPrecision(2))} nm`, x, y - 6 * fine);
  }
}

for (const root of document.querySelectorAll("figure.viewer")) new Viewer(root);

// Print with everything open that is marked so, and close it again afterwards.
const opened = [];
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details.prints:not([open])")) {
    each.open = true;
    opened.push(each);
  }
});
addEventListener("afterprint", () => {
  for (const each of opened.splice(0)) each.open = false;
});
