// What makes the operator's pages pleasant; all of them work without it.
const root = document.documentElement;
root.classList.add('scripted');

filterAsYouType(document.querySelector('[data-filter]'));
keepLive(document.querySelector('[data-live]'));
for (const code of document.querySelectorAll('[data-copy]')) offerCopy(code);
document.addEventListener('keydown', focusSearch);
document.addEventListener('input', chooseShare);

/** Show the rows that hold every word, and keep the address in step. */
function filterAsYouType(form) {
  if (form === null) return;
  const rows = [...document.querySelectorAll('[data-text]')];
  const update = () => {
    const { q, layer, overridden } = form.elements;
    const words = q.value.toLowerCase().split(/\s+/);
    for (const row of rows) {
      const { text, layer: from } = row.dataset;
      const isFrom = layer.value === '' || layer.value === from;
      const hides = !overridden.checked || 'overridden' in row.dataset;
      row.hidden = !(isFrom && hides && words.every((word) => text.includes(word)));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    form.querySelector('output').textContent = `${shown} of ${rows.length} keys`;
    const asked = [...new FormData(form)].filter(([, value]) => value !== '');
    history.replaceState(
      null,
      '',
      asked.length ? `?${new URLSearchParams(asked)}` : location.pathname,
    );
  };
  form.addEventListener('input', update);
  form.addEventListener('submit', (event) => event.preventDefault());
}

/** Fetch the page anew now and then while somebody looks at it, and swap its live part. */
function keepLive(part) {
  if (part === null) return;
  const [EVERY_MS, IDLE_MS] = [5_000, 10 * 60_000];
  let [live, lastActive] = [part, Date.now()];
  for (const sign of ['pointermove', 'keydown', 'focus']) {
    addEventListener(sign, () => {
      lastActive = Date.now();
    });
  }
  setInterval(async () => {
    // An idle page must not keep its session alive.
    if (
      document.hidden ||
      Date.now() - lastActive > IDLE_MS ||
      live.contains(document.activeElement)
    )
      return;
    try {
      const answer = await fetch(location.href, {
        headers: { Accept: 'text/html' },
        redirect: 'error',
      });
      if (!answer.ok) return;
      const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = next.getElementById(part.id);
      if (fresh === null || fresh.outerHTML === live.outerHTML) return;
      live.replaceWith(fresh);
      live = fresh;
    } catch {
      // The next turn tries again.
    }
  }, EVERY_MS);
}

/** Put a button behind a text that one may want elsewhere. */
function offerCopy(code) {
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', className: 'quiet', textContent: 'Copy' });
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
  const writes = event.target.closest('input, select, textarea') !== null;
  if (event.key !== '/' || event.ctrlKey || event.metaKey || writes || field === null) return;
  event.preventDefault();
  field.select();
}

/** A number says that one wants a share. */
function chooseShare({ target }) {
  const { chooses } = target.dataset;
  if (chooses !== undefined) target.form.elements.value.value = chooses;
}
