(() => {
  const map = document.querySelector("svg.map"), bar = document.querySelector(".scale");
  const whole = map.getAttribute("viewBox").split(" ").map(Number);
  let view = whole.slice(), drag = null, waiting = false;
  const draw = () => {
    waiting = false;
    const zoom = whole[2] / view[2], width = map.clientWidth, metres = view[2] * metresPerUnit * Math.max(1 / 8, 60 / width);
    const power = 10 ** Math.floor(Math.log10(metres)), nice = [1, 2, 5, 10].find(m => m * power >= metres * (1 - 1e-9)) * power;
    map.setAttribute("viewBox", view.join(" "));
    map.style.setProperty("--s", zoom ** -0.3);
    map.style.setProperty("--px", view[2] / width);
    map.style.setProperty("--z", Math.min(2.5, zoom ** 0.3));
    map.classList.toggle("zoomed", zoom > 1);
    bar.style.width = nice / metresPerUnit / view[2] * width + "px";
    bar.textContent = nice >= 1000 ? nice / 1000 + " km" : nice + " m";
  };
  const show = () => { if (!waiting) { waiting = true; requestAnimationFrame(draw); } };
  const move = (x, y, w) => {
    w = Math.min(whole[2], Math.max(whole[2] / 200, w));
    const h = w * whole[3] / whole[2];
    view = [Math.min(Math.max(x, 0), whole[2] - w), Math.min(Math.max(y, 0), whole[3] - h), w, h];
    show();
  };
  const zoom = (factor, fx = 0.5, fy = 0.5) => {
    const w = Math.min(whole[2], Math.max(whole[2] / 200, view[2] / factor)), h = w * whole[3] / whole[2];
    move(view[0] + fx * (view[2] - w), view[1] + fy * (view[3] - h), w);
  };
  map.addEventListener("wheel", e => {
    e.preventDefault();
    const r = map.getBoundingClientRect();
    zoom(Math.exp(-e.deltaY * (e.deltaMode ? 0.05 : 0.0015)), (e.clientX - r.left) / r.width, (e.clientY - r.top) / r.height);
  }, { passive: false });
  map.addEventListener("pointerdown", e => {
    if (view[2] < whole[2]) { drag = [e.clientX, e.clientY, view[0], view[1]]; map.setPointerCapture(e.pointerId); }
  });
  map.addEventListener("pointermove", e => {
    const k = view[2] / map.clientWidth;
    if (drag) move(drag[2] - (e.clientX - drag[0]) * k, drag[3] - (e.clientY - drag[1]) * k, view[2]);
  });
  for (const end of ["pointerup", "pointercancel"]) map.addEventListener(end, () => { drag = null; });
  const buttons = document.createElement("div");
  buttons.className = "zoom";
  for (const [sign, name, act] of [["+", "zoom in", () => zoom(1.6)], ["−", "zoom out", () => zoom(1 / 1.6)], ["↺", "whole map", () => move(0, 0, whole[2])]]) {
    const b = document.createElement("button");
    b.type = "button"; b.textContent = sign; b.title = name; b.ariaLabel = name; b.onclick = act;
    buttons.append(b);
  }
  map.parentElement.append(buttons);
  addEventListener("resize", show);
  draw();
})();
