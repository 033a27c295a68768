//! A body with all of its faults: each stands beside what it replaces, behind a question.

use super::Fault;
use super::kinds::{Other, has_let, other_field, others};
use super::text::text;
use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{BinOp, Block, Expr, ExprStruct, FieldValue, ReturnType, Stmt, Token, Type, UnOp, parse_quote};

/// What is known of an expression by its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing.
    Value,
    /// It is yes or no.
    Condition,
    /// The same, and its negation is among the faults already.
    Negated,
    /// It is one of several conditions of which all are asked for.
    OneOfAll,
    /// It is one of several conditions of which one is enough.
    OneOfSome,
}

/// Goes through a function.
pub(super) struct Walker {
    function: String,
    /// The function answers yes or no.
    answers: bool,
    /// What was found.
    pub(super) faults: Vec<Fault>,
}

impl Walker {
    pub(super) fn new(function: String, output: &ReturnType) -> Self {
        let answers = match output {
            ReturnType::Type(_, ty) => matches!(&**ty, Type::Path(path) if path.path.is_ident("bool")),
            ReturnType::Default => false,
        };
        Self { function, answers, faults: Vec::new() }
    }

    /// The function's body.
    pub(super) fn body(&mut self, block: &Block) -> Block {
        let place = if self.answers { Place::Condition } else { Place::Value };
        self.block(block, place)
    }

    /// The question whether there is this fault.
    fn fault(&mut self, what: String) -> TokenStream {
        let number = number(&self.function, self.faults.len());
        self.faults.push(Fault { number, function: self.function.clone(), what });
        quote!(S::broken(#number))
    }

    fn block(&mut self, block: &Block, last: Place) -> Block {
        let stmts = block.stmts.iter().map(|stmt| self.statement(stmt, last)).collect();
        Block { brace_token: block.brace_token, stmts }
    }

    fn statement(&mut self, stmt: &Stmt, last: Place) -> Stmt {
        match stmt {
            Stmt::Local(local) => {
                let mut local = local.clone();
                if let Some(init) = &mut local.init {
                    *init.expr = self.expr(&init.expr, Place::Value);
                }
                Stmt::Local(local)
            }
            Stmt::Expr(expr, Some(semi)) => {
                if !can_be_left_out(expr) {
                    return Stmt::Expr(self.expr(expr, Place::Value), Some(*semi));
                }
                let is_broken = self.fault(format!("without `{}`", text(expr)));
                let changed = self.expr(expr, Place::Value);
                parse_quote! { if !#is_broken { #changed; } }
            }
            Stmt::Expr(Expr::ForLoop(each), None) => {
                let mut each = each.clone();
                each.body = self.block(&each.body, Place::Value);
                Stmt::Expr(Expr::ForLoop(each), None)
            }
            Stmt::Expr(expr, None) => Stmt::Expr(self.expr(expr, last), None),
            other => other.clone(),
        }
    }

    fn expr(&mut self, expr: &Expr, place: Place) -> Expr {
        let is_condition = place != Place::Value;
        let mut instead: Vec<(TokenStream, Expr)> = Vec::new();
        let mut add = |walker: &mut Self, other: Other| {
            let is_broken = walker.fault(other.what);
            instead.push((is_broken, other.code));
        };
        if !has_let(expr) {
            for other in others(expr, is_condition, place == Place::Negated) {
                if calls(&other.code, &self.function) {
                    // It would never end.
                    continue;
                }
                add(self, other);
            }
            let neutral = match place {
                Place::OneOfAll => Some(true),
                Place::OneOfSome => Some(false),
                _ => None,
            };
            // A chain's own parts are left out one by one.
            if let (Some(neutral), false) = (neutral, is_chain(expr)) {
                let what = format!("without the condition `{}`", text(expr));
                add(self, Other { what, code: parse_quote!(#neutral) });
            }
        }
        let mut changed = self.parts(expr, place);
        for (is_broken, other) in instead {
            changed = parse_quote!((if #is_broken { #other } else { #changed }));
        }
        changed
    }

    /// The expression, with faults in what it is made of.
    fn parts(&mut self, expr: &Expr, place: Place) -> Expr {
        let mut expr = expr.clone();
        match &mut expr {
            Expr::Binary(binary) => {
                let of = match binary.op {
                    BinOp::And(_) => Place::OneOfAll,
                    BinOp::Or(_) => Place::OneOfSome,
                    _ => Place::Value,
                };
                *binary.left = self.expr(&binary.left, of);
                *binary.right = self.expr(&binary.right, of);
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
                *unary.expr = self.expr(&unary.expr, Place::Negated);
            }
            Expr::Paren(paren) => *paren.expr = self.inner(&paren.expr, place),
            Expr::Let(binding) => *binding.expr = self.expr(&binding.expr, Place::Value),
            Expr::If(choice) => {
                *choice.cond = self.expr(&choice.cond, Place::Condition);
                choice.then_branch = self.block(&choice.then_branch, plain(place));
                if let Some((_, other)) = &mut choice.else_branch {
                    **other = self.parts(other, plain(place));
                }
            }
            Expr::Block(block) => block.block = self.block(&block.block, plain(place)),
            Expr::Match(choice) => {
                *choice.expr = self.expr(&choice.expr, Place::Value);
                for arm in &mut choice.arms {
                    *arm.body = self.expr(&arm.body, plain(place));
                }
            }
            Expr::MethodCall(call) => {
                *call.receiver = self.expr(&call.receiver, Place::Value);
                self.arguments(&mut call.args);
            }
            Expr::Call(call) => self.arguments(&mut call.args),
            Expr::Tuple(tuple) => self.arguments(&mut tuple.elems),
            Expr::Return(back) => {
                let place = if self.answers { Place::Condition } else { Place::Value };
                if let Some(value) = &mut back.expr {
                    **value = self.expr(value, place);
                }
            }
            Expr::Assign(assign) => {
                let plain = assign.right.clone();
                *assign.right = self.expr(&assign.right, Place::Value);
                if let Expr::Field(field) = &*assign.left
                    && let Some(other) = other_field(field)
                {
                    let what = format!("`{}` is set instead of `{}`", text(&other), text(field));
                    let is_broken = self.fault(what);
                    return parse_quote!(if #is_broken { #other = #plain } else { #assign });
                }
            }
            Expr::Struct(literal) => self.fields(literal),
            _ => {}
        }
        expr
    }

    /// What stands in parentheses is at the same place.
    fn inner(&mut self, expr: &Expr, place: Place) -> Expr {
        if is_chain(expr) { self.expr(expr, Place::Condition) } else { self.expr(expr, plain(place)) }
    }

    fn arguments(&mut self, arguments: &mut Punctuated<Expr, Token![,]>) {
        for argument in arguments {
            *argument = self.expr(argument, Place::Value);
        }
    }

    /// Fields that are left out have their default, if that is what the rest has.
    fn fields(&mut self, literal: &mut ExprStruct) {
        let is_default = |expr: &Expr| matches!(expr, Expr::Call(call) if call.args.is_empty() && text(call).ends_with("::default()"));
        let rest = literal.rest.as_deref().is_some_and(is_default);
        for field in &mut literal.fields {
            let left_out = (rest && !is_default(&field.expr))
                .then(|| self.fault(format!("without `{}`", text(&*field))));
            let changed = self.expr(&field.expr, Place::Value);
            let FieldValue { member, .. } = &*field;
            *field = match left_out {
                Some(is_broken) => parse_quote! {
                    #member: if #is_broken { ::core::default::Default::default() } else { #changed }
                },
                None => parse_quote!(#member: #changed),
            };
        }
    }
}

/// What an inner block knows of its last expression.
fn plain(place: Place) -> Place {
    if place == Place::Value { Place::Value } else { Place::Condition }
}

fn is_chain(expr: &Expr) -> bool {
    match expr {
        Expr::Binary(binary) => matches!(binary.op, BinOp::And(_) | BinOp::Or(_)),
        Expr::Paren(paren) => is_chain(&paren.expr),
        _ => false,
    }
}

/// Whether this is a call of the method in which it stands.
fn calls(expr: &Expr, function: &str) -> bool {
    let own = function.rsplit_once("::").map(|(_, name)| name);
    matches!(expr, Expr::MethodCall(call) if own.is_some_and(|own| call.method == own))
}

fn can_be_left_out(expr: &Expr) -> bool {
    matches!(expr, Expr::Assign(_) | Expr::MethodCall(_) | Expr::Call(_) | Expr::Return(_))
}

/// The number of a fault: FNV-1a of the function and the fault's place in it, so that other functions do not change it.
fn number(function: &str, index: usize) -> u32 {
    let octets = function.bytes().chain(b"#".iter().copied()).chain(index.to_string().into_bytes());
    octets.fold(0x811c_9dc5, |hash, octet| (hash ^ u32::from(octet)).wrapping_mul(0x0100_0193))
}
