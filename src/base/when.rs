//! [both] A moment, ready to be shown: the browser does no arithmetic with time.

use serde::{Deserialize, Serialize};

/// `relative` is for a glance, `absolute` for hover and focus, `iso` for machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    pub iso: String,
    pub relative: String,
    pub absolute: String,
}
