//! What a run does with data.

use std::path::PathBuf;

use crate::data::SavedData;
use crate::stack::{DataSet, Model};

/// What is done with data while its writers stand still.
pub(crate) struct DataWork<'a> {
    /// The model that says where it is.
    pub model: &'a Model,
    /// The backup's folder into which it is saved, by its name.
    pub folder: String,
    /// The sets.
    pub sets: Vec<DataSet>,
    /// What comes back after that, and the folder in which it is.
    pub coming: Option<(PathBuf, Vec<SavedData>)>,
}
