//! Layers of networks from before ML Programs: nothing is proven of them yet but that they were well-formed.
