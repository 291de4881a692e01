use leptos::prelude::*;

use crate::ui::Tone;

/// How a chart shows its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartKind {
    Lines,
    StackedBars,
}

/// A named series with one value per label of the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    pub name: String,
    pub values: Vec<i64>,
    /// Colours the series as good or bad; otherwise its colour depends on its position.
    pub tone: Option<Tone>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 220.0;
/// Space for the axis values on the left and the labels below.
const LEFT: f64 = 48.0;
const BELOW: f64 = 30.0;
const TOP: f64 = 14.0;

/// A chart of values over time, drawn on the server, with the same values in a table below.
///
/// With more than four series the colours repeat. If all values are 0, it has no scale and says `empty` instead.
#[component]
pub fn Chart(
    #[prop(into)] caption: String,
    #[prop(into)] empty: String,
    labels: Vec<String>,
    series: Vec<Series>,
    kind: ChartKind,
) -> impl IntoView {
    let max = match kind {
        ChartKind::Lines => series.iter().flat_map(|one| one.values.iter().copied()).max(),
        ChartKind::StackedBars => (0..labels.len()).map(|index| sum_at(&series, index)).max(),
    };
    let scale = Scale { top: round_top(max.unwrap_or_default()), columns: labels.len() };
    let is_empty = max.unwrap_or_default() == 0;
    let drawing = match kind {
        _ if is_empty => no_values(empty.clone()),
        ChartKind::Lines => view! { {grid(scale)} {lines(&series, scale)} }.into_any(),
        ChartKind::StackedBars => view! { {grid(scale)} {bars(&series, scale)} }.into_any(),
    };
    let name = if is_empty { format!("{caption}: {empty}") } else { caption.clone() };
    let legend = series
        .iter()
        .enumerate()
        .map(|(index, one)| view! { <li class=colour(index, one)>{one.name.clone()}</li> })
        .collect_view();
    view! {
        <figure class="chart">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=name>
                {drawing}
                {below(&labels, scale)}
            </svg>
            <ul class="chart-legend">{legend}</ul>
            {table(caption, &labels, &series)}
        </figure>
    }
}

#[derive(Clone, Copy)]
struct Scale {
    top: i64,
    columns: usize,
}

impl Scale {
    fn step(self) -> f64 {
        (WIDTH - LEFT) / self.columns.max(1) as f64
    }

    /// The middle of a column.
    fn x(self, index: usize) -> f64 {
        LEFT + self.step() * (index as f64 + 0.5)
    }

    fn y(self, value: i64) -> f64 {
        TOP + (HEIGHT - TOP - BELOW) * (1.0 - value as f64 / self.top as f64)
    }
}

/// The next of 4, 8, 12, 16, 20, 32, 40, 80, 120 …, so that the grid lines at each quarter are round numbers.
fn round_top(max: i64) -> i64 {
    let mut power: i64 = 1;
    loop {
        for step in [4, 8, 12, 16, 20, 32] {
            let top = power.saturating_mul(step);
            if top >= max {
                return top;
            }
        }
        power = power.saturating_mul(10);
    }
}

fn sum_at(series: &[Series], index: usize) -> i64 {
    series.iter().filter_map(|one| one.values.get(index)).sum()
}

const fn colour(index: usize, series: &Series) -> &'static str {
    match (series.tone, index % 4) {
        (Some(Tone::Positive), _) => "series-positive",
        (Some(Tone::Danger), _) => "series-danger",
        (_, 0) => "series-1",
        (_, 1) => "series-2",
        (_, 2) => "series-3",
        _ => "series-4",
    }
}

fn grid(scale: Scale) -> AnyView {
    (0..=4)
        .map(|quarter| {
            let value = scale.top / 4 * quarter;
            let y = scale.y(value);
            view! {
                <path class="chart-grid" d=format!("M{LEFT} {y:.1}H{WIDTH}")></path>
                <text x=format!("{}", LEFT - 8.0) y=format!("{:.1}", y + 4.0) text-anchor="end">
                    {value.to_string()}
                </text>
            }
        })
        .collect_view()
        .into_any()
}

/// The line of zero, with a sentence above it.
fn no_values(sentence: String) -> AnyView {
    let (middle, half) = (LEFT + (WIDTH - LEFT) / 2.0, TOP + (HEIGHT - TOP - BELOW) / 2.0);
    view! {
        <path class="chart-grid" d=format!("M{LEFT} {:.1}H{WIDTH}", HEIGHT - BELOW)></path>
        <text x=format!("{middle:.1}") y=format!("{half:.1}") text-anchor="middle">
            {sentence}
        </text>
    }
    .into_any()
}

/// At most eight evenly spaced labels, so they never overlap.
fn below(labels: &[String], scale: Scale) -> AnyView {
    let every = labels.len().div_ceil(8).max(1);
    labels
        .iter()
        .enumerate()
        .step_by(every)
        .map(|(index, label)| {
            view! {
                <text x=format!("{:.1}", scale.x(index)) y=format!("{}", HEIGHT - 6.0) text-anchor="middle">
                    {label.clone()}
                </text>
            }
        })
        .collect_view()
        .into_any()
}

fn lines(series: &[Series], scale: Scale) -> AnyView {
    series
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let points = one.values.iter().enumerate();
            let points: String =
                points.map(|(at, value)| format!("{:.1},{:.1} ", scale.x(at), scale.y(*value))).collect();
            view! {
                <polyline class=format!("chart-line {}", colour(index, one)) points=points></polyline>
            }
        })
        .collect_view()
        .into_any()
}

fn bars(series: &[Series], scale: Scale) -> AnyView {
    let width = (scale.step() * 0.7).min(40.0);
    let mut pieces = Vec::new();
    for at in 0..scale.columns {
        let mut below = 0;
        for (index, one) in series.iter().enumerate() {
            let value = one.values.get(at).copied().unwrap_or_default();
            let (foot, head) = (scale.y(below), scale.y(below + value));
            let rect = view! {
                <rect
                    class=format!("chart-bar {}", colour(index, one))
                    x=format!("{:.1}", scale.x(at) - width / 2.0)
                    y=format!("{head:.1}")
                    width=format!("{width:.1}")
                    height=format!("{:.1}", foot - head)
                ></rect>
            };
            pieces.push((value > 0).then_some(rect));
            below += value;
        }
    }
    pieces.into_any()
}

fn table(caption: String, labels: &[String], series: &[Series]) -> AnyView {
    let head = series
        .iter()
        .map(|one| {
            view! {
                <th scope="col" class="numeric">
                    {one.name.clone()}
                </th>
            }
        })
        .collect_view();
    let rows = labels
        .iter()
        .enumerate()
        .map(|(index, label)| {
            let cells = series
                .iter()
                .map(|one| {
                    let value = one.values.get(index).copied().unwrap_or_default();
                    view! {
                        <td class="numeric" data-label=one.name.clone()>
                            {value.to_string()}
                        </td>
                    }
                })
                .collect_view();
            view! {
                <tr>
                    <th scope="row">{label.clone()}</th>
                    {cells}
                </tr>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    view! {
        <details class="chart-table">
            <summary>"Show as a table"</summary>
            <div class="table-scroll">
                <table class="table">
                    <caption class="sr-only">{caption}</caption>
                    <thead>
                        <tr>
                            <td></td>
                            {head}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: Vec<i64>, kind: ChartKind) -> String {
        let labels = vec!["1 Mar".to_owned(), "2 Mar".to_owned()];
        let series = vec![Series { name: "Sent".to_owned(), values, tone: None }];
        Owner::new()
            .with(|| view! { <Chart caption="By day" empty="Nothing was sent." labels series kind /> }.to_html())
    }

    /// The drawing without the table below it.
    fn drawing(html: &str) -> &str {
        html.split_once("</svg>").unwrap().0
    }

    #[test]
    fn a_chart_without_values_says_so_and_has_no_scale() {
        for kind in [ChartKind::Lines, ChartKind::StackedBars] {
            let empty = chart(vec![0, 0], kind);
            assert!(drawing(&empty).contains("aria-label=\"By day: Nothing was sent.\""), "{empty}");
            assert!(!drawing(&empty).contains("text-anchor=\"end\""), "no numbers at the axis: {empty}");
            assert!(drawing(&empty).contains("1 Mar"), "{empty}");
            let full = chart(vec![0, 3], kind);
            assert_eq!(drawing(&full).matches("text-anchor=\"end\"").count(), 5, "{full}");
            assert!(!full.contains("Nothing was sent."), "{full}");
        }
    }

    #[test]
    fn the_top_of_the_scale_is_round_and_at_least_the_maximum() {
        let tops: Vec<i64> = [0, 4, 5, 9, 21, 999].into_iter().map(round_top).collect();
        assert_eq!(tops, [4, 4, 8, 12, 32, 1200]);
    }
}
