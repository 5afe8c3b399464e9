// SPDX-License-Identifier: ISC
// Light, dark, or as the system has it; remembered by the browser.

const KEY = "fairlead-theme";
const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY) as Theme | null;
    return value && THEMES.includes(value) ? value : "auto";
  } catch {
    return "auto"; // a browser that keeps nothing
  }
}

let theme: Theme = stored();

export function currentTheme(): Theme {
  return theme;
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme;
}

export function nextTheme(): void {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // it holds until the page is left
  }
  applyTheme();
}
