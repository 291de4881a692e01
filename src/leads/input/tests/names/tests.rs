//! The names by which fields and mappings find values.

use super::super::*;

#[test]
fn a_list_that_was_sent_item_by_item_is_found_by_its_name() {
    for (body, name, text, last) in [
        ("tags[0]=a&tags[1]=b", "tags", Some("a, b"), Some("b")),
        ("tags[1]=b&tags[0]=a&tagsx=c&tag=d", "tags", Some("a, b"), Some("b")),
        ("email[0]=x", "email", Some("x"), Some("x")),
        ("a.b[0]=x&a.b[1]=+&a.b[2]=z", "a[b]", Some("x, z"), Some("z")),
        ("tags=own&tags[0]=a", "tags", Some("own"), Some("own")),
        ("tags[1]=a&tags[2]=b", "tags", None, None),
        ("tags[0]=a&tags[2]=b", "tags", None, None),
        ("tags[0]=a&tags[01]=b", "tags", None, None),
        ("tags[0]=a&tags[0]=b", "tags", None, None),
        ("tags[0]=a&tags[1][name]=b", "tags", None, None),
        ("tags[0]=a&tags[first]=b", "tags", None, None),
        ("items[0].name=x&items[1].name=y", "items[1].name", Some("y"), Some("y")),
        ("items[0][name]=x", "items[0].name", Some("x"), Some("x")),
        ("items[0].name=x", "items", None, None),
    ] {
        let input = input(FORM, body).unwrap();
        assert_eq!((input.text(name, false), input.text(name, true)), (text, last), "{body} {name}");
    }
    let eleven = (0..11).map(|index| format!("n[{index}]={index}")).collect::<Vec<_>>().join("&");
    let input = input(FORM, eleven).unwrap();
    assert_eq!((input.text("n", false), input.text("n", true)), (Some("0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"), Some("10")));
}

#[test]
fn a_list_is_found_as_it_was_changed() {
    let mut input = input(FORM, "tags[0]=a&tags[1]=b").unwrap();
    input.rewrite(|name, _| (name == "tags.1").then(|| "c".to_owned()));
    assert_eq!(input.text("tags", false), Some("a, c"));
}
