"""What scripts measure on a page as it is drawn: sizes of targets, focus, motion."""

from __future__ import annotations

from typing import cast

from playwright.sync_api import Page

LEAST = 24  # CSS pixels on each side (WCAG 2.5.8)
# Below this an outline is a hairline, which WCAG 2.4.13 does not count as an indicator.
OUTLINE = 2

_TARGETS = """a[href], button, summary, select, textarea, input:not([type=hidden]),
  [role=button], [tabindex="0"]"""

# Everything that can be opened is: a control inside a fold must be as large as the others.
_OPEN_ALL = """() => {
  for (const fold of document.querySelectorAll("details:not([data-menu])")) fold.open = true;
}"""

_TOO_SMALL = """([targets, least]) => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  // A link may be stretched over its card by a pseudo-element.
  const isStretched = (element) => getComputedStyle(element, "::after").position === "absolute";
  // A tick is pressed by its label too: both together are the target.
  const box = (element) => {
    if (isStretched(element)) return element.offsetParent.getBoundingClientRect();
    const boxes = [element, ...(element.labels ?? [])].map((one) => one.getBoundingClientRect());
    const own = boxes[0];
    if (!["checkbox", "radio"].includes(element.type)) return own;
    const left = Math.min(...boxes.map((one) => one.left));
    const right = Math.max(...boxes.map((one) => one.right));
    const top = Math.min(...boxes.map((one) => one.top));
    const bottom = Math.max(...boxes.map((one) => one.bottom));
    return new DOMRect(left, top, right - left, bottom - top);
  };
  // The exemption of WCAG 2.5.8: the line of text that holds a link decides of its height.
  const inSentence = (element) =>
    element.matches("a") &&
    getComputedStyle(element).display === "inline" &&
    element.parentElement.textContent.trim().length > element.textContent.trim().length;
  const found = [];
  for (const element of document.querySelectorAll(targets)) {
    const { width, height, bottom } = box(element);
    const isHidden = !seen(element) || bottom < 0 || width <= 1 || height <= 1;
    if (isHidden || inSentence(element)) continue;
    if (Math.round(width) >= least && Math.round(height) >= least) continue;
    found.push(`${Math.round(width)}×${Math.round(height)} ${element.outerHTML.slice(0, 140)}`);
  }
  return found;
}"""

_UNSEEN_FOCUS = """([targets, least]) => {
  const outlined = (element) => [null, "::after"].some((part) => {
    const style = getComputedStyle(element, part);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= least;
  });
  const found = [];
  for (const element of document.querySelectorAll(targets)) {
    if (element.disabled || !element.checkVisibility({ visibilityProperty: true })) continue;
    element.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== element) continue;
    // A radio that is a card shows its focus on the card.
    if (![element, ...(element.labels ?? [])].some(outlined)) {
      found.push(element.outerHTML.slice(0, 140));
    }
  }
  return found;
}"""

_MOVING = """() => [...document.querySelectorAll("*")]
  .flatMap((element) => [null, "::before", "::after"].map((part) => {
    const style = getComputedStyle(element, part);
    const moves = style.transitionDuration.split(", ").some((one) => parseFloat(one) > 0);
    return moves || style.animationName !== "none" ? element.outerHTML.slice(0, 100) : "";
  }))
  .filter(Boolean)"""

_COLOURS = """(aside) => {
  const drawn = (element, part) => {
    const style = getComputedStyle(element, part);
    if (part && style.content === "none") return [];
    return [[
      element.tagName, element.getAttribute("class"), part, style.color, style.backgroundColor,
      style.backgroundImage, style.borderTopColor, style.borderRightColor,
      style.borderBottomColor, style.borderLeftColor, style.outlineColor, style.boxShadow,
      style.fill, style.stroke, style.textDecorationColor, style.opacity,
    ].join(" ")];
  };
  const parts = (element) => [null, "::before", "::after"].concat(
    element.matches("input, textarea") ? ["::placeholder"] : [],
    element.matches("li, summary") ? ["::marker"] : []);
  const counts = {};
  for (const element of document.querySelectorAll("body, body *")) {
    if (element.closest(aside)) continue;
    for (const one of parts(element).flatMap((part) => drawn(element, part))) {
      counts[one] = (counts[one] ?? 0) + 1;
    }
  }
  return counts;
}"""


def too_small(page: Page) -> list[str]:
    """Targets under 24 × 24 px, links inside a sentence left aside."""
    page.evaluate(_OPEN_ALL)
    return cast("list[str]", page.evaluate(_TOO_SMALL, [_TARGETS, LEAST]))


def unseen_focus(page: Page) -> list[str]:
    """What takes the keyboard's focus without an outline, on itself, its label or its card."""
    page.evaluate(_OPEN_ALL)
    page.keyboard.press("Tab")
    return cast("list[str]", page.evaluate(_UNSEEN_FOCUS, [_TARGETS, OUTLINE]))


def moving(page: Page) -> list[str]:
    """What has a transition or an animation."""
    return cast("list[str]", page.evaluate(_MOVING))


def colours(page: Page, *, aside: str) -> dict[str, int]:
    """What elements are drawn with, and how many of them; `aside` is a selector to leave out."""
    return cast("dict[str, int]", page.evaluate(_COLOURS, aside))


def at_hand(page: Page) -> dict[str, list[str]]:
    """What keeps a page from being touched, followed by the keyboard or kept still (R3).

    Opens every fold of it.
    """
    found = {"too small": too_small(page), "focus unseen": unseen_focus(page)}
    page.emulate_media(forced_colors="active")
    found["focus unseen in forced colours"] = unseen_focus(page)
    page.emulate_media(forced_colors="none", reduced_motion="reduce")
    found["moving"] = moving(page)
    return {name: faults for name, faults in found.items() if faults}
