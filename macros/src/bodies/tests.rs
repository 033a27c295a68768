//! What becomes of functions that are breakable.

use super::{attribute, in_file};
use proc_macro2::TokenStream;
use std::collections::HashSet;

/// A bit of everything.
const FUNCTIONS: [&str; 3] = [
    r#"
        /// Whether it lies inside.
        #[inline(always)]
        pub fn inside<S: Numbers>(tcb: &Tcb<S>, seg: &Segment<S>) -> bool {
            let offset = tcb.rcv_nxt.distance(seg.seq);
            (offset < tcb.receive_window() || offset == 0) && !seg.flags.has(Flags::RST)
        }
    "#,
    r#"
        fn take<S: Numbers, H: Host<S>>(tcb: &mut Tcb<S>, seg: &mut Segment<S>, host: &mut H) {
            if let Some(ts) = seg.ts && tcb.ready {
                tcb.snd_wl1 = seg.seq;
            }
            for timer in Timer::ALL {
                host.stop(timer);
            }
            host.emit(Segment { seq: tcb.snd_nxt.minus(1.into()), len: 2, ..Segment::default() });
        }
    "#,
    r#"
        impl<S: Numbers> Seq<S> {
            const NONE: u32 = 0;
            fn get(self) -> S::Word { self.0.into() }
            fn before(self, other: Self) -> bool { S::before(self.get(), other.get()) }
            fn at_or_before(self, other: Self) -> bool { !other.before(self) }
        }
    "#,
];

fn tokens(code: &str) -> TokenStream {
    code.parse().expect("tokens")
}

fn message(item: &str) -> String {
    let with = attribute(&TokenStream::new(), tokens(item), true).to_string();
    let without = attribute(&TokenStream::new(), tokens(item), false).to_string();
    assert_eq!(with, without, "an error is the same with the feature and without");
    with
}

#[test]
fn without_the_feature_nothing_changes() {
    for item in FUNCTIONS {
        let same = attribute(&TokenStream::new(), tokens(item), false);
        assert_eq!(same.to_string(), tokens(item).to_string());
        let broken = attribute(&TokenStream::new(), tokens(item), true);
        assert_ne!(broken.to_string(), tokens(item).to_string());
    }
}

#[test]
fn faults_stand_beside_what_they_replace() {
    let broken: TokenStream =
        FUNCTIONS.iter().map(|item| attribute(&TokenStream::new(), tokens(item), true)).collect();
    let code = prettyplease::unparse(&syn::parse2(broken).expect("items"));
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("bodies", code);
    });
}

#[test]
fn the_list_has_each_fault_that_is_put_in() {
    let file: String = FUNCTIONS.iter().map(|item| format!("#[breakable]{item}")).collect();
    // What is not breakable is not listed.
    let faults = in_file(&format!("{file} fn other<S: Numbers>() -> u32 {{ 1 }}")).expect("a file");
    let broken: String =
        FUNCTIONS.iter().map(|item| attribute(&TokenStream::new(), tokens(item), true).to_string()).collect();
    let numbers: HashSet<u32> = faults.iter().map(|fault| fault.number).collect();
    assert_eq!(numbers.len(), faults.len());
    for fault in &faults {
        let asked = format!("S :: broken ({}u32)", fault.number);
        assert_eq!(broken.matches(&asked).count(), 1, "{fault:?}");
    }
    assert_eq!(broken.matches("S :: broken").count(), faults.len());
    let listed = |what: &str| faults.iter().any(|fault| fault.what == what);
    for what in [
        "`offset < tcb.receive_window()` becomes `offset <= tcb.receive_window()`",
        "`&&` before `!seg.flags.has(Flags::RST)` becomes `||`",
        "without the condition `offset == 0`",
        "`tcb.ready` negated",
        "`0` becomes `1`",
        "without `tcb.snd_wl1 = seg.seq`",
        "`tcb.snd_wl2` is set instead of `tcb.snd_wl1`",
        "without `seq: tcb.snd_nxt.minus(1.into())`",
        "`!other.before(self)` negated",
    ] {
        assert!(listed(what), "{what}: {faults:#?}");
    }
    // A binding cannot be left out of a chain, and a method that calls itself does not end.
    assert!(!faults.iter().any(|fault| fault.what.contains("Some(ts)")), "{faults:#?}");
    assert!(!listed("`other.before(self)` becomes `other.at_or_before(self)`"));
}

#[test]
fn what_cannot_be_broken_is_an_error() {
    assert!(
        message("fn nothing<S: Numbers>(seq: Seq<S>) -> Seq<S> { seq }")
            .contains("there is nothing to break here")
    );
    assert!(message("fn no_space(a: u32) -> bool { a > 0 }").contains("has a space `S: Numbers`"));
    assert!(message("struct Tcb<S>(S);").contains("only functions and `impl` blocks"));
    let argued = attribute(&tokens("all"), tokens(FUNCTIONS[0]), true).to_string();
    assert!(argued.contains("takes no arguments"), "{argued}");
}
