"""What there is to see and hear: a library of files with tags, an index to sample them, and the renderer that draws them."""
