//! Packing against known bytes and a naive packer; records against their own headers and against lies.
