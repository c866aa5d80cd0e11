//! Black-box tests of the running server, one module per topic.
