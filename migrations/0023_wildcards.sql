-- "matches pattern" took a regular expression only between slashes; anything else was a wildcard for the whole value.
-- Now it always takes a regular expression, and wildcards have operators of their own. Saved rules keep their meaning.

-- The rules of a set, a group or acceptance criteria, with the operator of each wildcard replaced, at any depth.
create function rules_with_wildcards(value jsonb) returns jsonb language plpgsql immutable as $$
declare
    text_of_rule text;
begin
    if jsonb_typeof(value) = 'array' then
        return coalesce((
            select jsonb_agg(rules_with_wildcards(item) order by place)
            from jsonb_array_elements(value) with ordinality as items (item, place)
        ), '[]');
    elsif jsonb_typeof(value) <> 'object' or value is null then
        return value;
    elsif value ? 'rule_set' then
        return value || jsonb_build_object('rule_set', rules_with_wildcards(value -> 'rule_set'));
    elsif value ? 'rules' then
        return value || jsonb_build_object('rules', rules_with_wildcards(value -> 'rules'));
    elsif value ->> 'op' in ('matches pattern', 'does not match pattern') then
        -- The program trimmed all white space of Unicode.
        text_of_rule := btrim(value ->> 'rhv', E' \t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005'
            || E'\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000');
        if text_of_rule is null or text_of_rule ~ '^/.*/i?$' then
            return value;
        end if;
        return value || jsonb_build_object('op', replace(value ->> 'op', 'pattern', 'wildcard'));
    end if;
    return value;
end
$$;

update flows set acceptance_criteria = rules_with_wildcards(acceptance_criteria)
    where acceptance_criteria::text like '%match%pattern%';
update flow_sources set acceptance_criteria = rules_with_wildcards(acceptance_criteria)
    where acceptance_criteria::text like '%match%pattern%';
update flow_sources set mappings = rules_with_wildcards(mappings) where mappings::text like '%match%pattern%';

drop function rules_with_wildcards(jsonb);
