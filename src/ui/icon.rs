use leptos::prelude::*;

/// Declares the icons by name, each drawn as one path. One element and one string keep the client small.
macro_rules! icons {
    ($($name:ident $path:literal,)+) => {
        /// A stroke icon on a 24 px grid. Icons are decorative, so text beside them or the control's label must name
        /// them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Icon {
            $($name,)+
        }

        impl Icon {
            const fn path(self) -> &'static str {
                match self { $(Self::$name => $path,)+ }
            }

            /// Every icon, for the gallery.
            #[cfg(feature = "ssr")]
            pub(super) const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

icons! {
    Activity "M3 12h4l3-8 4 16 3-8h4",
    ArrowDown "M12 4v16M6 14l6 6 6-6",
    ArrowRight "M4 12h16M14 6l6 6-6 6",
    ArrowUp "M12 20V4M6 10l6-6 6 6",
    Building "M5 21V4.5A1.5 1.5 0 0 1 6.5 3h7A1.5 1.5 0 0 1 15 4.5V21M15 9h3a1.5 1.5 0 0 1 1.5 1.5V21M3 21h18M8.5 7.5h3M8.5 11.5h3M8.5 15.5h3",
    Check "m5 12.5 4.5 4.5L19 7.5",
    ChevronDown "m6 9.5 6 6 6-6",
    ChevronRight "m9.5 6 6 6-6 6",
    Clock "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.5 2",
    Copy "M10 9h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1ZM15 9V5a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h4",
    Cross "M6 6l12 12M18 6 6 18",
    Docs "M7 3h7l5 5v11a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2ZM14 3v5h5M9 13h6M9 17h4",
    Download "M12 4v11M7 10.5l5 5 5-5M4.5 20h15",
    Drag "M9 5.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4ZM9 11.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4ZM9 17.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4ZM15 5.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4ZM15 11.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4ZM15 17.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4Z",
    External "M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5",
    Filter "M4 6h16M7 12h10M10 18h4",
    Flow "M6 8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM6 20.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM18 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM6 15.5v-7C6 11 8 12 10 12h5.5",
    Home "M3.5 11 12 4l8.5 7M6 9.5V20h12V9.5M10 20v-6h4v6",
    Info "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5.5M12 7.7v.01",
    Key "M8 20a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM11.2 12.3 19.5 4M16 7.5l3 3M13.5 10l2 2",
    Leads "M3.5 13H8l1.5 3h5l1.5-3h4.5M6 5h12l2.5 8v5a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18v-5L6 5Z",
    Link "M10 14a4 4 0 0 0 5.7 0l3.3-3.3A4 4 0 0 0 13.3 5L12 6.3M14 10a4 4 0 0 0-5.7 0L5 13.3A4 4 0 0 0 10.7 19l1.3-1.3",
    Mail "M5 5h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2ZM3.5 7.5l8.5 6 8.5-6",
    Menu "M4 7h16M4 12h16M4 17h16",
    Minus "M5 12h14",
    Moon "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z",
    More "M5.5 11.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4ZM12 11.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4ZM18.5 11.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4Z",
    Partners "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.3a3.5 3.5 0 0 1 0 6.4M18 14.4c2.2.8 3.5 2.8 3.5 5.6",
    Pause "M9 5v14M15 5v14",
    Plus "M12 5v14M5 12h14",
    Refresh "M20 11a8 8 0 0 0-14.3-4L4 9M4 4v5h5M4 13a8 8 0 0 0 14.3 4l1.7-2M20 20v-5h-5",
    Screen "M5 4h14a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 19 16H5a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 5 4ZM12 16v4M8 20h8",
    Search "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16 16l4.5 4.5",
    Send "M20.5 3.5 10.5 13.5M20.5 3.5 14 21l-3.5-7.5L3 10l17.5-6.5Z",
    Settings "M4 7h9.5M18.5 7H20M4 17h1.5M10.5 17H20M16 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
    SignOut "M10 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h4M15.5 8l4 4-4 4M19.5 12H10",
    Sparkle "M12 3c.8 5.2 3.8 8.2 9 9-5.2.8-8.2 3.8-9 9-.8-5.2-3.8-8.2-9-9 5.2-.8 8.2-3.8 9-9Z",
    Sun "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
    Trash "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10 11v5.5M14 11v5.5",
    User "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c0-4 3.3-6.5 7.5-6.5s7.5 2.5 7.5 6.5",
    Warning "M12 4 2.8 20h18.4L12 4ZM12 10v4.5M12 17.2v.01",
}

/// An icon in the size and colour of the surrounding text, hidden from screen readers.
pub fn icon(icon: Icon) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=icon.path()></path>
        </svg>
    }
}
