//! looking_back
