"use strict";

// What is shown is all in the page; this shows one step at a time. Parts of the picture know in data-reached the number
// of the step that reaches them, and a step in data-about the parts that it is about.

const find = (id) => document.getElementById(id);
const root = document.documentElement;
const steps = [...document.querySelectorAll(".steps > li")];
const parts = [...document.querySelectorAll("[data-reached]")];
const last = steps.length - 1;
let current = 0;
let timer = null;

function show(step) {
  current = Math.min(Math.max(step, 0), last);
  const about = new Set(steps[current].dataset.about.split(" "));
  steps.forEach((item, i) => item.classList.toggle("current", i === current));
  for (const part of parts) {
    part.classList.toggle("waiting", Number(part.dataset.reached) > current);
    part.classList.toggle("about", about.has(part.id));
  }
  const place = `${current + 1} of ${steps.length}`;
  find("place").textContent = place;
  find("slider").value = current + 1;
  find("slider").setAttribute("aria-valuetext", `Step ${place}`);
  find("told").textContent = `Step ${place}. ${steps[current].dataset.words}`;
  for (const id of ["first", "back"]) find(id).setAttribute("aria-disabled", current === 0);
  for (const id of ["next", "last"]) find(id).setAttribute("aria-disabled", current === last);
  root.dataset.step = current + 1;
  bringIntoView(parts.filter((part) => about.has(part.id)));
}

// Only the frame around the picture scrolls, not the page.
function bringIntoView(marked) {
  if (marked.length === 0) return;
  const frame = marked[0].closest(".scrolled");
  const outer = frame.getBoundingClientRect();
  const places = marked.map((part) => part.getBoundingClientRect());
  const [left, top] = [Math.min(...places.map((p) => p.left)), Math.min(...places.map((p) => p.top))];
  const [right, bottom] = [Math.max(...places.map((p) => p.right)), Math.max(...places.map((p) => p.bottom))];
  frame.scrollLeft += distance(left, right, outer.left, outer.right);
  frame.scrollTop += distance(top, bottom, outer.top, outer.bottom);
}

// How far to scroll: not at all to what is seen, to the middle of what fits, to the beginning of what does not.
function distance(start, end, outerStart, outerEnd) {
  if (start >= outerStart && end <= outerEnd) return 0;
  if (end - start > outerEnd - outerStart) return start - outerStart;
  return (start + end - outerStart - outerEnd) / 2;
}

function go(step) {
  pause();
  show(step);
}

function play() {
  if (current === last) show(0);
  root.classList.add("playing");
  namePlay("Pause");
  wait();
}

function wait() {
  timer = setTimeout(() => {
    show(current + 1);
    if (current === last) pause();
    else wait();
  }, Number(find("speed").value));
}

function pause() {
  clearTimeout(timer);
  timer = null;
  root.classList.remove("playing");
  namePlay("Play");
}

function namePlay(name) {
  find("play").title = `${name} (space)`;
  find("play").querySelector(".spoken").textContent = name;
}

const toggle = () => (timer === null ? play() : pause());

// Controls

find("first").addEventListener("click", () => go(0));
find("back").addEventListener("click", () => go(current - 1));
find("play").addEventListener("click", toggle);
find("next").addEventListener("click", () => go(current + 1));
find("last").addEventListener("click", () => go(last));
find("slider").addEventListener("input", (event) => go(Number(event.target.value) - 1));

const KEYS = {
  ArrowLeft: () => go(current - 1),
  ArrowRight: () => go(current + 1),
  Home: () => go(0),
  End: () => go(last),
  " ": toggle,
  Escape: hideCard,
};

document.addEventListener("keydown", (event) => {
  const isOwn = event.target.closest("select, input") || (event.key === " " && event.target.closest("button, summary"));
  if (!Object.hasOwn(KEYS, event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
  if (isOwn && event.key !== "Escape") return;
  event.preventDefault();
  KEYS[event.key]();
});

// What is told of a box, while one points at it or it has the focus

const card = find("card");
let leaving = null;

function showCard(box) {
  clearTimeout(leaving);
  const told = find(`about-${box.id}`).cloneNode(true);
  told.removeAttribute("id");
  card.replaceChildren(told);
  card.hidden = false;
  const [frame, place] = [card.parentElement.getBoundingClientRect(), box.getBoundingClientRect()];
  const left = Math.min(place.left - frame.left, frame.width - card.offsetWidth);
  card.style.left = `${Math.max(left, 0)}px`;
  const below = place.bottom + 8;
  const fits = below + card.offsetHeight <= window.innerHeight || place.top < card.offsetHeight + 8;
  card.style.top = `${(fits ? below : place.top - card.offsetHeight - 8) - frame.top}px`;
}

function hideCard() {
  card.hidden = true;
}

function leave() {
  leaving = setTimeout(hideCard, 250);
}

for (const box of document.querySelectorAll(".picture .node")) {
  box.querySelector("title").remove();
  box.addEventListener("pointerenter", () => showCard(box));
  box.addEventListener("pointerleave", leave);
  box.addEventListener("focus", () => showCard(box));
  box.addEventListener("blur", hideCard);
}
card.addEventListener("pointerenter", () => clearTimeout(leaving));
card.addEventListener("pointerleave", leave);

root.classList.add("stepping");
for (const part of document.querySelectorAll(".controls, .keys")) part.hidden = false;
show(0);
