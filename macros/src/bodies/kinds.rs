//! What can stand instead of an expression.

use super::text::text;
use quote::quote;
use syn::{BinOp, Expr, ExprBinary, ExprCall, ExprField, ExprMethodCall, Lit, Member, UnOp, parse_quote};

/// Something else of the same type.
pub(super) struct Other {
    /// What a name says of it.
    pub(super) what: String,
    /// The expression.
    pub(super) code: Expr,
}

impl Other {
    fn becomes(expr: &Expr, code: Expr) -> Self {
        Self { what: format!("`{}` becomes `{}`", text(expr), text(&code)), code }
    }

    pub(super) fn negated(expr: &Expr) -> Self {
        Self { what: format!("`{}` negated", text(expr)), code: parse_quote!(!(#expr)) }
    }
}

/// Methods that answer yes or no.
const QUESTIONS: [&str; 6] = ["has", "before", "at_or_before", "in_window", "is_some", "is_none"];

/// Methods of which one can stand for the other.
const METHODS: [(&str, &str); 26] = [
    ("before", "at_or_before"),
    ("at_or_before", "before"),
    ("plus", "minus"),
    ("minus", "plus"),
    ("next", "previous"),
    ("previous", "next"),
    ("min", "max"),
    ("max", "min"),
    ("wrapping_add", "wrapping_sub"),
    ("wrapping_sub", "wrapping_add"),
    ("set", "clear"),
    ("clear", "set"),
    ("with", "without"),
    ("without", "with"),
    ("start", "stop"),
    ("stop", "start"),
    ("deliver", "hold"),
    ("hold", "deliver"),
    ("flush", "flush_sends"),
    ("flush_sends", "flush"),
    ("seg_len", "text_len"),
    ("text_len", "seg_len"),
    ("send_window", "receive_window"),
    ("receive_window", "send_window"),
    ("usable_window", "send_window"),
    ("unsent", "in_flight"),
];

/// Methods that give something of their receiver's type: they can be left out.
const STEPS: [&str; 9] =
    ["plus", "minus", "next", "previous", "min", "max", "saturating_sub", "with", "without"];

/// Names, each with the one that stands for it.
type Pairs = [(&'static str, &'static str)];

/// Fields of which one can stand for the other, by the names of what has them.
const FIELDS: [(&[&str], &Pairs); 6] = [
    (
        &["tcb", "self"],
        &[
            ("iss", "snd_una"),
            ("snd_una", "snd_nxt"),
            ("snd_nxt", "snd_una"),
            ("snd_end", "snd_nxt"),
            ("snd_wl1", "snd_wl2"),
            ("snd_wl2", "snd_wl1"),
            ("snd_up", "snd_end"),
            ("irs", "rcv_nxt"),
            ("rcv_nxt", "irs"),
            ("rcv_up", "rcv_nxt"),
            ("snd_wnd", "max_snd_wnd"),
            ("max_snd_wnd", "snd_wnd"),
            ("rcv_wnd", "snd_wnd"),
        ],
    ),
    (
        &["seg", "self"],
        &[
            ("seq", "ack"),
            ("ack", "seq"),
            ("up", "seq"),
            ("wnd", "len"),
            ("len", "wnd"),
            ("listener", "echoes"),
            ("echoes", "outdated"),
            ("outdated", "echoes"),
        ],
    ),
    (&["open"], &[("active", "remote"), ("remote", "active"), ("forks", "remote")]),
    (&["expiry"], &[("early", "r1"), ("r1", "r2"), ("r2", "r1")]),
    (&["send"], &[("urgent", "room"), ("room", "urgent")]),
    (&["receive", "transmit"], &[("on_hand", "max"), ("window", "on_hand"), ("text", "max")]),
];

/// Names that stand for each other: each for the one before it, and the first for the last.
const NAMES: [(&str, &[&str]); 7] = [
    ("Flags", &["FIN", "SYN", "RST", "PSH", "ACK", "URG"]),
    (
        "Facts",
        &[
            "PASSIVE",
            "CHILD",
            "FORKS",
            "REMOTE",
            "SYN_ACKED",
            "CLOSED",
            "FIN_SENT",
            "URGENT_OUT",
            "URGENT_IN",
            "NAMED",
            "REUSES",
            "RELEASED",
        ],
    ),
    ("Timer", &["Retransmission", "Persist", "KeepAlive", "DelayedAck", "TimeWait", "User", "Orphan"]),
    ("Notice", &["Closed", "Urgent", "UrgentEnd"]),
    ("Acknowledge", &["Now", "Text", "Challenge", "Window"]),
    ("AckPlace", &["Same", "New", "Old", "Ancient", "Ahead"]),
    ("Place", &["Inside", "Outside"]),
];

/// What can stand instead of this. `is_condition`: it is known to be yes or no by its place; `is_negated`: its negation is there already.
pub(super) fn others(expr: &Expr, is_condition: bool, is_negated: bool) -> Vec<Other> {
    let mut others = match expr {
        Expr::Binary(binary) => operators(expr, binary),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
            vec![Other { what: format!("`{}` negated", text(expr)), code: (*unary.expr).clone() }]
        }
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => numbers(expr, number.base10_digits()),
            Lit::Bool(answer) => {
                let other = !answer.value;
                vec![Other::becomes(expr, parse_quote!(#other))]
            }
            _ => Vec::new(),
        },
        Expr::Path(path) => name(&path.path).into_iter().map(|other| Other::becomes(expr, other)).collect(),
        Expr::Field(field) => {
            other_field(field).into_iter().map(|other| Other::becomes(expr, other)).collect()
        }
        Expr::MethodCall(call) => methods(expr, call),
        Expr::Call(call) => exchanged(call).into_iter().map(|other| Other::becomes(expr, other)).collect(),
        _ => Vec::new(),
    };
    let is_question = match expr {
        Expr::MethodCall(call) => is_condition || QUESTIONS.iter().any(|name| call.method == name),
        Expr::Path(_) | Expr::Field(_) | Expr::Call(_) => is_condition,
        _ => false,
    };
    if is_question && !is_negated {
        others.push(Other::negated(expr));
    }
    others
}

fn operators(expr: &Expr, binary: &ExprBinary) -> Vec<Other> {
    let ops: &[BinOp] = match binary.op {
        BinOp::Lt(_) => &[parse_quote!(<=), parse_quote!(>=)],
        BinOp::Le(_) => &[parse_quote!(<), parse_quote!(>)],
        BinOp::Gt(_) => &[parse_quote!(>=), parse_quote!(<=)],
        BinOp::Ge(_) => &[parse_quote!(>), parse_quote!(<)],
        BinOp::Eq(_) => &[parse_quote!(!=)],
        BinOp::Ne(_) => &[parse_quote!(==)],
        BinOp::Add(_) => &[parse_quote!(-)],
        BinOp::Sub(_) => &[parse_quote!(+)],
        BinOp::And(_) if !has_let(expr) => &[parse_quote!(||)],
        BinOp::Or(_) => &[parse_quote!(&&)],
        _ => &[],
    };
    let exchanged = |op: &BinOp| {
        let (left, right) = (&binary.left, &binary.right);
        let code: Expr = Expr::Binary(ExprBinary { op: *op, ..binary.clone() });
        if matches!(binary.op, BinOp::And(_) | BinOp::Or(_)) {
            let (was, is) = (text(&binary.op), text(op));
            // `a || b && c` is not `(a || b) && c`.
            let code = parse_quote!((#left) #op (#right));
            return Other { what: format!("`{was}` before `{}` becomes `{is}`", text(right)), code };
        }
        Other::becomes(expr, code)
    };
    ops.iter().map(exchanged).collect()
}

/// Whether a chain of conditions binds names.
pub(super) fn has_let(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        Expr::Paren(paren) => has_let(&paren.expr),
        _ => false,
    }
}

fn numbers(expr: &Expr, digits: &str) -> Vec<Other> {
    let Ok(number) = digits.parse::<u32>() else { return Vec::new() };
    let near = [number.checked_sub(1), number.checked_add(1)];
    near.into_iter()
        .flatten()
        .map(|other| {
            let other = proc_macro2::Literal::u32_unsuffixed(other);
            Other::becomes(expr, parse_quote!(#other))
        })
        .collect()
}

fn name(path: &syn::Path) -> Option<Expr> {
    let mut last = path.segments.iter().rev();
    let (name, kind) = (&last.next()?.ident, &last.next()?.ident);
    let (_, names) = NAMES.iter().find(|(known, _)| kind == known)?;
    let at = names.iter().position(|known| name == known)?;
    let other = syn::Ident::new(names[(at + names.len() - 1) % names.len()], name.span());
    let mut path = path.clone();
    path.segments.last_mut()?.ident = other;
    Some(parse_quote!(#path))
}

/// The other field that can stand for this one.
pub(super) fn other_field(field: &ExprField) -> Option<Expr> {
    let (Expr::Path(base), Member::Named(name)) = (&*field.base, &field.member) else { return None };
    let base = base.path.get_ident()?;
    let pairs = FIELDS.iter().filter(|(bases, _)| bases.iter().any(|known| base == known));
    let (_, other) = pairs.flat_map(|(_, pairs)| *pairs).find(|(known, _)| name == known)?;
    let mut field = field.clone();
    field.member = Member::Named(syn::Ident::new(other, name.span()));
    Some(Expr::Field(field))
}

fn methods(expr: &Expr, call: &ExprMethodCall) -> Vec<Other> {
    let mut others = Vec::new();
    if let Some((_, other)) = METHODS.iter().find(|(name, _)| call.method == name) {
        let method = syn::Ident::new(other, call.method.span());
        others.push(Other::becomes(expr, Expr::MethodCall(ExprMethodCall { method, ..call.clone() })));
    }
    if STEPS.iter().any(|name| call.method == name) {
        let receiver = &call.receiver;
        others.push(Other::becomes(expr, parse_quote!(#receiver)));
    }
    if let (true, Some(argument)) = (call.method == "distance", call.args.first()) {
        let receiver = &call.receiver;
        others.push(Other::becomes(expr, parse_quote!(#argument.distance(#receiver))));
    }
    others
}

/// A function of two numbers, with its arguments exchanged.
fn exchanged(call: &ExprCall) -> Option<Expr> {
    let Expr::Path(path) = &*call.func else { return None };
    let is_before = path.path.segments.last().is_some_and(|last| last.ident == "before");
    let (first, second) = (call.args.first()?, call.args.get(1)?);
    let func = &call.func;
    is_before.then(|| syn::parse2(quote!(#func(#second, #first))).ok()).flatten()
}
