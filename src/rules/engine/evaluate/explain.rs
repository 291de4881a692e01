//! Evaluates rules and shows each of them: which lead to the result, what they saw, and which were never reached.

use super::{
    super::{
        budget::Budget,
        model::{Join, Rule},
        parse::Value,
    },
    Lead, Run,
    fact::Fact,
    program::{CompiledRule, CompiledSet, Part, Program},
};

/// One rule, or the heading of a nested set whose steps follow.
#[derive(Debug, Clone)]
pub struct Step<'p> {
    /// The places from the outermost set to this part, from 0.
    pub path: Vec<usize>,
    /// Joins it to the previous part of its set; None for the first.
    pub joiner: Option<Join>,
    pub part: Explained<'p>,
    /// For a rule that is not reached, whether it would pass.
    pub passed: bool,
    /// False if the result was certain before it.
    pub reached: bool,
}

#[derive(Debug, Clone)]
pub enum Explained<'p> {
    Rule {
        /// Its value is shortened.
        rule: &'p Rule,
        /// The normal form of the field; None if the lead does not have the field.
        saw: Option<&'p str>,
        /// The value of the rule for this lead, if the rule has a template.
        compared: Option<String>,
    },
    Set(Join),
}

/// All steps of a rule set in the order of their words, and the result.
#[derive(Debug, Clone)]
pub struct Explanation<'p> {
    pub steps: Vec<Step<'p>>,
    pub passed: bool,
}

impl Program {
    /// Explains the result of [`Program::evaluate`]. Rules that are reached use the same budget in the same order, so
    /// both have the same result; the others have a budget of their own.
    pub fn explain<'p>(&'p self, lead: &'p Lead, budget: &Budget) -> Explanation<'p> {
        let (missing, spare) = (Value::text(""), Budget::default());
        let facts = || self.fields.iter().map(|name| Fact::new(lead.get(name).unwrap_or(&missing))).collect();
        let [run, others] = [budget, &spare].map(|budget| Run { facts: facts(), lead, budget });
        let mut explainer = Explainer { program: self, lead, run, others, steps: Vec::new() };
        let passed = explainer.set(&self.rules, &mut Vec::new(), true);
        Explanation { steps: explainer.steps, passed }
    }
}

struct Explainer<'p, 'r> {
    program: &'p Program,
    lead: &'p Lead,
    run: Run<'r>,
    /// Evaluates the rules that are not reached.
    others: Run<'r>,
    steps: Vec<Step<'p>>,
}

impl<'p> Explainer<'p, '_> {
    fn set(&mut self, set: &'p CompiledSet, path: &mut Vec<usize>, reached: bool) -> bool {
        // A failure ends rules that must all pass, a success ends the others.
        let mut ended = false;
        for (place, part) in set.parts.iter().enumerate() {
            path.push(place);
            let joiner = (place > 0).then_some(set.op);
            let passed = self.part(part, joiner, path, reached && !ended);
            ended |= passed == (set.op == Join::Or);
            path.pop();
        }
        match set.op {
            Join::And => !ended,
            Join::Or => ended || set.parts.is_empty(),
        }
    }

    fn part(&mut self, part: &'p Part, joiner: Option<Join>, path: &mut Vec<usize>, reached: bool) -> bool {
        let place = self.steps.len();
        let explained = match part {
            Part::Set(set) => Explained::Set(set.op),
            Part::Rule(rule) => self.rule(rule),
        };
        self.steps.push(Step { path: path.clone(), joiner, part: explained, passed: false, reached });
        let passed = match part {
            Part::Set(set) => self.set(set, path, reached),
            Part::Rule(rule) if reached => self.run.failure(rule).is_none(),
            Part::Rule(rule) => self.others.failure(rule).is_none(),
        };
        if let Some(step) = self.steps.get_mut(place) {
            step.passed = passed;
        }
        passed
    }

    fn rule(&self, rule: &'p CompiledRule) -> Explained<'p> {
        let saw = self.program.fields.get(rule.field).and_then(|name| self.lead.get(name));
        // A budget of its own, so that showing a value takes nothing from the rules.
        let compared = rule.template.as_ref().map(|template| template.expand(self.lead, &Budget::default()));
        Explained::Rule { rule: &rule.shown, saw: saw.map(|value| value.normal.as_str()), compared }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            super::{
                fields::FieldType,
                model::{Node, Operator, RuleSet},
                parse::parse,
            },
            Compiler, Verdict,
        },
        *,
    };

    const NAMES: [(&str, FieldType, &[&str]); 4] = [
        ("state", FieldType::State, &["CA", "TX", "Atlantis", ""]),
        ("age", FieldType::Number, &["17", "42", "old", ""]),
        ("first_name", FieldType::String, &["Ann", "John", "{{lead.state}}", ""]),
        ("email", FieldType::Email, &["ann@example.com", "ann@", ""]),
    ];
    const VALUES: [&str; 8] =
        ["CA", "CA, TX", "18", "18-65", "/^J.*n$/", "{{lead.first_name}}", "ann@example.com", "x"];

    /// A small generator of numbers, the same in every run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % limit
        }

        fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
            &of[self.below(of.len())]
        }

        fn rule(&mut self) -> Rule {
            let (op, name) = (*self.one(Operator::ALL), self.one(&NAMES).0);
            let value = (!op.is_unary()).then(|| *self.one(&VALUES));
            Rule::new(format!("lead.{name}"), op, value)
        }

        fn set(&mut self, depth: usize) -> RuleSet {
            let rules = (0..self.below(4))
                .map(|_| match depth < 3 && self.below(3) == 0 {
                    true => Node::Set(self.set(depth + 1)),
                    false => Node::Rule(self.rule()),
                })
                .collect();
            RuleSet { op: *self.one(Join::ALL), rules }
        }

        fn lead(&mut self) -> Lead {
            let mut lead = Lead::default();
            for (name, field_type, values) in NAMES {
                if self.below(5) > 0 {
                    lead.insert(name, parse(field_type, self.one::<&str>(values)));
                }
            }
            lead
        }
    }

    fn type_of(name: &str) -> FieldType {
        NAMES.iter().find(|(known, ..)| *known == name).map_or(FieldType::String, |(_, field_type, _)| *field_type)
    }

    #[test]
    fn an_explanation_has_the_result_of_the_evaluation_and_every_rule() {
        let mut numbers = Numbers(1);
        let mut rejected = 0;
        for _ in 0..5_000 {
            let (set, lead) = (numbers.set(0), numbers.lead());
            let program = Compiler::new(&type_of).compile(&set);
            let verdict = program.evaluate(&lead, &Budget::default());
            let explanation = program.explain(&lead, &Budget::default());
            assert_eq!(explanation.passed, verdict.passed(), "{set:?}");
            let rules = explanation.steps.iter().filter(|step| matches!(step.part, Explained::Rule { .. }));
            assert_eq!(rules.count(), program.cost().rules, "{set:?}");
            if let Verdict::Failed(failed) = verdict {
                rejected += 1;
                for failure in failed {
                    let is_it = |step: &&Step<'_>| matches!(step.part, Explained::Rule { rule: shown, .. } if std::ptr::eq(shown, failure.rule));
                    let step = explanation.steps.iter().find(is_it).unwrap();
                    assert!(step.reached && !step.passed, "{set:?}");
                }
            }
        }
        assert!((500..4_500).contains(&rejected), "{rejected} rejections");
    }

    #[test]
    fn rules_after_the_decision_are_shown_as_not_reached() {
        let either = RuleSet {
            op: Join::Or,
            rules: vec![
                Node::Rule(Rule::new("lead.email", Operator::IsBlank, None)),
                Node::Rule(Rule::new("lead.first_name", Operator::IsEqualTo, Some("{{lead.state}}"))),
            ],
        };
        let rules = [
            Node::Rule(Rule::new("lead.age", Operator::IsGreaterThan, Some("18"))),
            Node::Set(either),
            Node::Rule(Rule::new("lead.state", Operator::IsEqualTo, Some("CA"))),
        ];
        let program = Compiler::new(&type_of).compile(&RuleSet { op: Join::And, rules: rules.to_vec() });
        let mut lead = Lead::default();
        for (name, raw) in [("age", "42"), ("state", "ca"), ("first_name", "Ann")] {
            lead.insert(name, parse(type_of(name), raw));
        }
        let explanation = program.explain(&lead, &Budget::default());
        let shown: Vec<_> = explanation
            .steps
            .iter()
            .map(|step| match &step.part {
                Explained::Rule { saw, compared, .. } => {
                    (step.path.as_slice(), *saw, compared.as_deref(), step.passed, step.reached)
                }
                Explained::Set(_) => (step.path.as_slice(), None, None, step.passed, step.reached),
            })
            .collect();
        type Shown<'a> = (&'a [usize], Option<&'a str>, Option<&'a str>, bool, bool);
        let expected: [Shown<'_>; 5] = [
            (&[0], Some("42"), None, true, true),
            (&[1], None, None, true, true),
            (&[1, 0], None, None, true, true),
            (&[1, 1], Some("Ann"), Some("CA"), false, false),
            (&[2], Some("CA"), None, true, true),
        ];
        assert_eq!((shown.as_slice(), explanation.passed), (expected.as_slice(), true));
    }
}
