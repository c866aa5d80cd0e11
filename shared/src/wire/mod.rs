//! Frames of both sockets.
