//! The faces of the table and of the model: documents, diagrams and ladders.

pub(crate) mod diagram;
pub(crate) mod fires;
pub(crate) mod ladder;
pub(crate) mod markdown;
pub(crate) mod table;
mod xml;
