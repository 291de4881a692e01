use leptos::prelude::*;

use crate::ui::{Icon, Wordmark, icon};

/// The wide public layout: logo and links on top, the page, a footer.
#[component]
pub fn HomeFrame(
    /// Links on the right of the top bar.
    links: AnyView,
    #[prop(optional)] footer: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="skip-link" href="#main">
            "Skip to content"
        </a>
        <div class="home">
            <header class="home-header">
                <Wordmark />
                <nav class="actions" aria-label="Main">
                    {links}
                </nav>
            </header>
            <main id="main" tabindex="-1">
                {children()}
            </main>
            <footer class="home-footer">{footer}</footer>
        </div>
    }
}

/// The product in one sentence, its audience, and the first step. `aside` is the picture beside it.
#[component]
pub fn Hero(
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] aside: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="hero">
            <div class="hero-words">
                <h1>{title}</h1>
                <p>{text}</p>
                <div class="actions">{children()}</div>
            </div>
            {aside.map(|aside| view! { <div class="hero-aside">{aside}</div> })}
        </section>
    }
}

/// How it works: a few steps, each with an icon, a title and a sentence.
#[component]
pub fn Steps(#[prop(into)] title: String, steps: Vec<(Icon, String, String)>) -> impl IntoView {
    let steps = steps
        .into_iter()
        .map(|(symbol, title, text)| {
            view! {
                <li>
                    <span class="steps-icon">{icon(symbol)}</span>
                    <h3>{title}</h3>
                    <p>{text}</p>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="steps">
            <h2>{title}</h2>
            <ol>{steps}</ol>
        </section>
    }
}

/// Two companies joined by a line with a seal; decoration beside the hero text.
#[component]
pub fn HeroPicture() -> impl IntoView {
    view! {
        <svg class="hero-picture" viewBox="0 0 440 320" aria-hidden="true">
            <rect class="card" x="10" y="30" width="180" height="216" rx="12"></rect>
            <path class="strong" d="M34 62h72"></path>
            <path class="faint" d="M34 94h116M34 118h92M34 150h116M34 174h64M34 206h116M34 222h80"></path>
            <rect class="card" x="250" y="74" width="180" height="216" rx="12"></rect>
            <path class="strong" d="M274 106h88"></path>
            <path class="faint" d="M274 138h132M274 162h76"></path>
            <rect class="chip" x="274" y="186" width="132" height="32" rx="16"></rect>
            <path class="mark" d="m290 202 5 5 9-10M318 202h64"></path>
            <path class="faint" d="M274 242h132M274 262h96"></path>
            <path class="join" d="M190 118c40 0 20 84 60 84"></path>
            <circle class="dot" cx="190" cy="118" r="6"></circle>
            <circle class="dot" cx="250" cy="202" r="6"></circle>
            <circle class="seal" cx="220" cy="160" r="18"></circle>
            <path class="seal-mark" d="m212 160.5 5.5 5.5 10.5-11.5"></path>
        </svg>
    }
}
