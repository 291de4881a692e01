//! Messages shown once after a redirect. A cookie holds a code from a closed list for 30 seconds, so nobody can put
//! text of their own on our pages. Each room has an enum of its codes and sentences.

/// A room's messages.
pub trait Message: Copy + 'static {
    const ALL: &'static [Self];

    /// The code in the cookie, unique across all rooms.
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
