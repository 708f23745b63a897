// What a page does beyond its HTML: renew its live parts, count ages and stopwatches, hold a pressed button.
// The server words everything; this only fetches the same page again and swaps the parts that changed.

const main = document.querySelector("main");
const skew = Date.parse(document.body.dataset.now) - Date.now();
const now = () => Date.now() + skew;

// --- Renewing: a hint over the socket, or a slow poll, makes us fetch this very page.

const GAP_MS = 1000;
const POLL_MS = 4000;
let fetching = false;
let wanted = false;
let fetchedAt = 0;
let socketIsUp = false;

// A part that came or went changes the whole page; otherwise each part is swapped by itself.
const names = (root) => Array.from(root.querySelectorAll("[data-part]"), (part) => part.dataset.part).join();

function swap(fresh) {
  const next = fresh.querySelector("main");
  if (!next) return;
  const moved = next.dataset.state !== main.dataset.state;
  if (moved || names(next) !== names(main)) {
    main.className = next.className;
    for (const name of Object.keys(main.dataset)) delete main.dataset[name];
    Object.assign(main.dataset, next.dataset);
    main.replaceChildren(...next.childNodes);
    document.title = fresh.title;
    const heading = main.querySelector("h1");
    if (heading && moved) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    watch();
    return;
  }
  for (const part of main.querySelectorAll("[data-part]")) {
    const other = next.querySelector(`[data-part="${part.dataset.part}"]`);
    if (other && other.outerHTML !== part.outerHTML) part.replaceWith(other);
  }
}

async function renew() {
  if (fetching) {
    wanted = true;
    return;
  }
  fetching = true;
  wanted = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
      location.assign(answer.url);
      return;
    }
    if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    fetchedAt = Date.now();
  } catch {
    // No link: the ages on the page go on counting and say so.
  } finally {
    fetching = false;
  }
  if (wanted) soon();
  tick();
}

let timer = 0;
function soon() {
  if (timer) return;
  const wait = Math.max(0, fetchedAt + GAP_MS - Date.now());
  timer = setTimeout(() => {
    timer = 0;
    renew();
  }, wait);
}

let socket = null;
let retry = 1000;
function watch() {
  const path = main.dataset.live;
  if (socket && (!path || socket.path !== path)) {
    socket.close();
    socket = null;
  }
  if (!path || socket) return;
  const opened = new WebSocket(new URL(path, location.href.replace(/^http/, "ws")));
  opened.path = path;
  socket = opened;
  opened.onopen = () => {
    socketIsUp = true;
    retry = 1000;
  };
  opened.onmessage = soon;
  opened.onclose = () => {
    if (socket !== opened) return;
    socket = null;
    socketIsUp = false;
    setTimeout(watch, retry);
    retry = Math.min(retry * 2, 30000);
  };
}

setInterval(() => {
  if (document.hidden) return;
  const pollsAnyway = main.dataset.poll !== undefined;
  const linkIsDown = main.dataset.live !== undefined && !socketIsUp;
  if ((pollsAnyway || linkIsDown) && Date.now() - fetchedAt >= POLL_MS) renew();
}, 1000);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && (main.dataset.live !== undefined || main.dataset.poll !== undefined)) soon();
});

// --- Time: ages of facts and running stopwatches.

const two = (value) => String(value).padStart(2, "0");

function stopwatch(seconds) {
  const minutes = Math.floor(seconds / 60);
  const rest = two(seconds % 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}

function tick() {
  for (const each of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((now() - Date.parse(each.dataset.since)) / 1000));
    each.textContent = stopwatch(seconds);
  }
  for (const each of document.querySelectorAll("[data-age-at]")) {
    const seconds = Math.max(0, Math.floor((now() - Date.parse(each.dataset.ageAt)) / 1000));
    const unit = document.body.dataset;
    if (seconds < 3600) {
      const age = seconds < 60 ? `${seconds}\u00a0${unit.second}` : `${Math.floor(seconds / 60)}\u00a0${unit.minute}`;
      each.textContent = each.dataset.ageText.replace("{age}", age);
    }
    if (each.dataset.stale !== undefined) {
      main.classList.toggle("stale", seconds > 60);
      const line = document.getElementById("stale");
      if (line) line.hidden = seconds <= Number(each.dataset.stale);
    }
  }
}
setInterval(tick, 1000);

// --- Forms: a pressed button says so and is pressed once; typing a sum of one's own chooses it.

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button) return;
  if (button.dataset.pressed) {
    event.preventDefault();
    return;
  }
  button.dataset.pressed = "1";
  button.setAttribute("aria-disabled", "true");
  if (button.dataset.busy) button.textContent = button.dataset.busy;
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
document.addEventListener("input", (event) => {
  const chooses = event.target.dataset.chooses;
  const choice = chooses && document.getElementById(chooses);
  if (choice) choice.checked = true;
});

watch();
tick();
