//! Counts and moments of the rows of an object, and their differences.
