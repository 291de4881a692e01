//! The fields form of a flow in two tabs.

use crate::support::{Response, TestApp};
use accord::base::paths;

#[tokio::test]
async fn of_two_tabs_with_the_fields_the_second_save_is_refused_and_loses_nothing() {
    let app = TestApp::start().await;
    let buyer = app.buyer().await;
    let flow = buyer.create_flow("Solar California").await;
    let path = paths::flow_fields(flow);
    let loaded = buyer.get(&path).await.expect(200);
    let version = |page: &Response| {
        let tag = page.tag_with("name=\"version\"");
        tag.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let old = version(&loaded);
    let save = async |version: &str, fields: &[&str]| {
        let names: Vec<_> = fields.iter().map(|field| format!("field-{field}")).collect();
        let mut form = vec![("version", version)];
        form.extend(names.iter().map(|name| (name.as_str(), "on")));
        buyer.post_as("fields", &path, &form).await
    };
    save(&old, &["email", "state"]).await.expect(303);
    let stored = "select name from flow_fields order by position";
    for stale in [old.as_str(), "", "0", "nonsense", "99999999999"] {
        let refused = save(stale, &["city"]).await.expect(409);
        let refused = refused.shows("Someone saved a newer version.").shows("What you chose");
        for (field, is_saved) in [("email", true), ("state", true), ("city", false)] {
            let tag = refused.tag_with(&format!("name=\"field-{field}\""));
            assert_eq!(tag.contains(" checked"), is_saved, "{stale:?}: {tag}");
        }
        let names: Vec<String> = sqlx::query_scalar(stored).fetch_all(&app.state.pool).await.unwrap();
        assert_eq!(names, ["email", "state"]);
        // The page now has the current version, so the choice can be saved.
        assert_ne!(version(&refused), old);
    }
    let newest = version(&buyer.get(&path).await.expect(200));
    let (one, two) = tokio::join!(save(&newest, &["city"]), save(&newest, &["postal_code"]));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(app.count("flow_fields").await, 1);
}
