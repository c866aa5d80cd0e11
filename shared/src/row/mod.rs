//! A row as logged, and the rules by which writes change it.
