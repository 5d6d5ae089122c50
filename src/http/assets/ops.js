// What makes the operator's pages pleasant; all of them work without it.
const LIVE_MS = 5_000;
const IDLE_MS = 10 * 60_000;
const TYPING_MS = 120;

const filter = document.querySelector('[data-filter]');
if (filter !== null) filterAsYouType();
else if (document.querySelector('[data-live]') !== null) keepLive();
for (const code of document.querySelectorAll('[data-copy]')) offerCopy(code);
document.addEventListener('keydown', focusSearch);
document.addEventListener('input', chooseShare);

/** Put the fields into the address, and show what the server finds for it. */
function filterAsYouType() {
  let timer;
  filter.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      history.replaceState(null, '', `?${new URLSearchParams(new FormData(filter))}`);
      refresh();
    }, TYPING_MS);
  });
  filter.querySelector('button').hidden = true;
}

/** Refresh now and then while somebody looks; an idle page must not keep its session alive. */
function keepLive() {
  let lastActive = Date.now();
  const stayAwake = () => {
    lastActive = Date.now();
  };
  for (const sign of ['pointermove', 'keydown', 'focus']) addEventListener(sign, stayAwake);
  setInterval(() => {
    if (!document.hidden && Date.now() - lastActive < IDLE_MS) refresh();
  }, LIVE_MS);
}

/** Fetch the page anew and swap its live parts, but for one that is in use. */
async function refresh() {
  const address = location.href;
  const options = { headers: { Accept: 'text/html' }, redirect: 'manual' };
  // What fails is tried again the next time.
  const answer = await fetch(address, options).catch(() => undefined);
  // The session has ended: to the login.
  if (answer?.type === 'opaqueredirect') location.reload();
  const text = answer?.ok ? await answer.text().catch(() => '') : '';
  // Somebody may have typed on meanwhile.
  if (text === '' || address !== location.href) return;
  const fresh = new DOMParser().parseFromString(text, 'text/html');
  for (const part of document.querySelectorAll('[data-live]')) {
    const next = fresh.getElementById(part.id);
    const isSame = next === null || next.innerHTML === part.innerHTML;
    if (!isSame && !part.contains(document.activeElement)) part.replaceChildren(...next.childNodes);
  }
}

/** Put a button behind a text that one may want elsewhere. */
function offerCopy(code) {
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', textContent: 'Copy' });
  button.addEventListener('click', () => {
    getSelection().selectAllChildren(code);
    // The clipboard's own interface is switched off by the page's Permissions-Policy.
    if (document.execCommand('copy')) button.textContent = 'Copied';
  });
  code.after(' ', button);
}

/** `/` goes to the search field, unless one is writing. */
function focusSearch(event) {
  const field = document.querySelector('input[type="search"]');
  const isWriting = event.target.closest('input, select, textarea') !== null;
  if (event.key !== '/' || event.ctrlKey || event.metaKey || isWriting || field === null) return;
  event.preventDefault();
  field.select();
}

/** A number says that one wants a share. */
function chooseShare({ target }) {
  if (target.name === 'rollout') target.form.elements.value.value = 'rollout';
}
