//! Messages that a page shows once after a redirect. A cookie of 30 seconds carries a closed code, so that nobody can put
//! their own words on our pages; each room has an enum of its codes and sentences.

/// A room's messages.
pub trait Message: Copy + 'static {
    const ALL: &'static [Self];

    /// The code in the cookie, unique in the whole program.
    fn code(self) -> &'static str;

    fn sentence(self) -> &'static str;
}

/// Declares a room's messages: variant, code, sentence.
macro_rules! messages {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $code:literal $sentence:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($variant,)+
        }

        impl $crate::web::Message for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }
        }
    };
}

pub(crate) use messages;
