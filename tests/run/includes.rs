//! includes
