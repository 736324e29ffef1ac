// What a person prefers on this browser: the theme, and whether the rail is folded. Both are marks on <html>, set by a small
// script before the first paint, so that nothing flashes or jumps.

export type Theme = 'system' | 'light' | 'dark';

const THEME_KEY = 'throughline.theme';
const RAIL_KEY = 'throughline.rail';

/** Runs in the head, before anything is drawn. Storage may be forbidden: then the system's theme holds. */
export const EARLY_SCRIPT = `(function(){var d=document.documentElement,t=null,r=null;
try{t=localStorage.getItem('${THEME_KEY}');r=localStorage.getItem('${RAIL_KEY}')}catch(e){}
var q=matchMedia('(prefers-color-scheme: dark)');
function apply(){var p=d.dataset.themeChoice||'system';d.dataset.theme=p==='system'?(q.matches?'dark':'light'):p}
d.dataset.themeChoice=t==='light'||t==='dark'?t:'system';apply();q.addEventListener('change',apply);
d.dataset.rail=r==='folded'?'folded':'open'})()`;

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is forbidden or full: the choice holds until the page is left.
  }
}

export function currentTheme(): Theme {
  const choice = document.documentElement.dataset['themeChoice'];
  return choice === 'light' || choice === 'dark' ? choice : 'system';
}

export function chooseTheme(theme: Theme): void {
  const root = document.documentElement;
  root.dataset['themeChoice'] = theme;
  const dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset['theme'] = theme === 'system' ? (dark ? 'dark' : 'light') : theme;
  remember(THEME_KEY, theme);
}

/** Folds the rail to icons, or unfolds it. */
export function toggleRail(): void {
  const root = document.documentElement;
  const next = root.dataset['rail'] === 'folded' ? 'open' : 'folded';
  root.dataset['rail'] = next;
  remember(RAIL_KEY, next);
}

/** Calls back whenever the theme in force changes: charts are drawn on a canvas and must be drawn again. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
