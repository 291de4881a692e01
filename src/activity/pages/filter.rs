//! The filter of the activity. It is in the URL, so a page can be bookmarked and shared.

use crate::{
    accounts::server::zone,
    activity::{
        model::{Deed, SubjectKind},
        server::search::{Doer, Search},
    },
    base::{SubjectId, UserId, paths},
    leads::model::parse_day,
    ui::{Button, Choice, Field, Icon, LinkButton, Select, icon},
};
use leptos::prelude::*;
use time::{Date, Duration};

/// Maximum people that the form offers.
const MAX_PEOPLE: usize = 200;
/// One more, to know whether there are others.
pub const PEOPLE_LIMIT: i64 = MAX_PEOPLE as i64 + 1;
/// The value of *Who* for API keys.
const KEYS: &str = "keys";

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    who: Option<Doer>,
    what: Option<Deed>,
    about: Option<SubjectKind>,
    /// One thing, from the link on its page.
    subject: Option<SubjectId>,
    name: String,
    from: Option<Date>,
    to: Option<Date>,
}

impl Filter {
    /// Reads the values of a URL. None if one of them is invalid, because a result must match what was asked for.
    pub fn read(value: impl Fn(&str) -> String) -> Option<Self> {
        let text = |name: &str| Some(value(name).trim().to_owned()).filter(|text| !text.is_empty());
        /// Nothing is valid, and nothing else may be invalid.
        fn parsed<T>(text: Option<String>, parse: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
            text.map_or(Some(None), |text| parse(&text).map(Some))
        }
        let who = |text: &str| match text {
            KEYS => Some(Doer::Key),
            id => id.parse().ok().map(Doer::Person),
        };
        Some(Self {
            who: parsed(text("who"), who)?,
            what: parsed(text("what"), Deed::parse)?,
            about: parsed(text("about"), SubjectKind::parse)?,
            subject: parsed(text("subject"), |id| id.parse().ok())?,
            name: text("name").unwrap_or_default(),
            from: parsed(text("from"), parse_day)?,
            to: parsed(text("to"), parse_day)?,
        })
    }

    /// The path with the filter as its query.
    pub fn in_path(&self, path: &str) -> String {
        let who = self.who.map(|who| match who {
            Doer::Person(id) => id.to_string(),
            Doer::Key => KEYS.to_owned(),
        });
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let pairs = [
            ("who", &*who.unwrap_or_default()),
            ("what", self.what.map(Deed::as_str).unwrap_or_default()),
            ("about", self.about.map(SubjectKind::as_str).unwrap_or_default()),
            ("subject", &*self.subject.map(|id| id.to_string()).unwrap_or_default()),
            ("name", &self.name),
            ("from", &*day(self.from)),
            ("to", &*day(self.to)),
        ];
        paths::with_query(path, &pairs)
    }

    /// True for the link on the page of one thing.
    pub fn is_about_one(&self) -> bool {
        self.subject.is_some()
    }

    /// The days are those of a time zone.
    pub fn search(&self, time_zone: &str) -> Search {
        let midnight = |day: Date| zone::midnight(time_zone, day);
        Search {
            who: self.who,
            what: self.what,
            about: self.about,
            subject: self.subject,
            name: self.name.clone(),
            from: self.from.map(midnight),
            to: self.to.map(|day| midnight(day.checked_add(Duration::DAY).unwrap_or(Date::MAX))),
        }
    }

    /// The form. `people` can have done something.
    pub fn form(&self, people: Vec<(UserId, String)>) -> impl IntoView + use<> {
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let is_filtered = *self != Self::default();
        let subject = self.subject.map(|id| view! { <input type="hidden" name="subject" value=id.to_string() /> });
        view! {
            <form class="filters" method="get" action=paths::ACTIVITY role="search">
                {subject}
                <Select label="Who" name="who" options=self.whos(people) />
                <Select label="What" name="what" options=self.whats() />
                <Select label="About" name="about" options=self.abouts() />
                <Field label="Name" name="name" value=self.name.clone() placeholder="Any part of it" autocomplete="off" maxlength=320 />
                <Field label="From" name="from" kind="date" value=day(self.from) />
                <Field label="To" name="to" kind="date" value=day(self.to) />
                <Button>{icon(Icon::Search)} "Filter"</Button>
                {is_filtered.then(|| view! { <LinkButton href=paths::ACTIVITY>"Show all"</LinkButton> })}
            </form>
        }
    }

    fn whos(&self, people: Vec<(UserId, String)>) -> Vec<Choice> {
        let is_chosen = |who: Doer| self.who == Some(who);
        let mut choices = vec![Choice::new("", "Anyone")];
        let others = people.len() > MAX_PEOPLE;
        choices.extend(
            people
                .into_iter()
                .take(MAX_PEOPLE)
                .map(|(id, name)| Choice::new(id.to_string(), name).selected(is_chosen(Doer::Person(id)))),
        );
        choices.push(Choice::new(KEYS, "API keys").selected(is_chosen(Doer::Key)));
        if let Some(Doer::Person(id)) = self.who
            && !choices.iter().any(|choice| choice.selected)
        {
            choices.push(Choice::new(id.to_string(), "As in the address of this page").selected(true));
        }
        if others {
            choices.push(Choice::new("", "Others").disabled(format!("only {MAX_PEOPLE} are listed")));
        }
        choices
    }

    fn whats(&self) -> Vec<Choice> {
        let mut deeds: Vec<_> = Deed::ALL.iter().map(|deed| (deed.word(), *deed)).collect();
        deeds.sort_unstable();
        let choices =
            deeds.into_iter().map(|(word, deed)| Choice::new(deed.as_str(), word).selected(self.what == Some(deed)));
        std::iter::once(Choice::new("", "Anything")).chain(choices).collect()
    }

    fn abouts(&self) -> Vec<Choice> {
        let choices = SubjectKind::ALL
            .iter()
            .map(|kind| Choice::new(kind.as_str(), kind.word()).selected(self.about == Some(*kind)));
        std::iter::once(Choice::new("", "Anything")).chain(choices).collect()
    }
}
