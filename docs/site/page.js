// A table that is wider than the page scrolls; this makes it do so from the keyboard, too.
document$.subscribe(() =>
  setTimeout(() => {
    for (const wrapper of document.querySelectorAll(".md-typeset__scrollwrap")) {
      wrapper.tabIndex = 0;
    }
  })
);
