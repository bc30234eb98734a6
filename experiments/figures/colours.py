"""Colours of all figures."""

# Okabe and Ito (2008), Color Universal Design: told apart by the colour-blind.
BLUE, GREEN, VERMILION, BLACK = "#0072B2", "#009E73", "#D55E00", "#000000"
DARK, GREY, NIGHT = "#333333", "#6E6E6E", "#EFEFF3"
