//! [both] A point in time, formatted by the server: the browser does no date arithmetic.

use serde::{Deserialize, Serialize};

/// `relative` is shown, `absolute` appears on hover and focus, `iso` is for machines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisplayTime {
    pub iso: String,
    pub relative: String,
    pub absolute: String,
}
