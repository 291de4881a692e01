//! Page components, rendered only on the server.

mod chart;
mod frame;
mod gallery;
mod home;
mod list;
mod parts;

pub use chart::{Chart, ChartKind, Series};
pub use frame::{AppFrame, NavGroup, NavItem, PlainFrame, ThemeChoice, Wordmark};
pub use gallery::Gallery;
pub use home::{Hero, HeroPicture, HomeFrame, Steps};
pub use list::{Avatar, CheckList, CheckStep, Diff, DiffLine, Stepper, Timeline, TimelineItem};
pub use parts::{Crumb, KeyValues, NothingFound, PageHeader, Panel, SearchForm, StatTile, StatTiles, TabLink, Tabs};
