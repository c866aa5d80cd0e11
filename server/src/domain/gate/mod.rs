//! What a change must pass before it becomes part of a document.
