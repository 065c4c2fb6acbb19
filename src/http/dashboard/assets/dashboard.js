// Keys, live parts, theme: what script adds to pages that work without it.
export {};
