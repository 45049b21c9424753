" SPDX-License-Identifier: Apache-2.0
" Rules of the Tillguard triggers.
if exists("b:current_syntax")
  finish
endif
setlocal iskeyword+=.
syn match tillguardHeader /\%1l^tillguard-rules 1$/
syn match tillguardComment /\(#\|\/\/\).*$/
syn region tillguardText start=/"/ skip=/\\./ end=/"/ oneline contains=tillguardFigure
syn region tillguardText start=/'/ skip=/\\./ end=/'/ oneline
syn match tillguardFigure /{[a-z_.0-9]\+}/ contained
syn match tillguardNumber /\<[0-9]\+\(\.[0-9]\+\)\?\( [A-Z]\{3}\>\|[smhd]\>\)\?/
syn keyword tillguardKeyword ruleset version list rate velocity feature score rule draft shadow live retired
syn keyword tillguardKeyword when unless notice covers tx then say by over delayed before where reset on
syn keyword tillguardKeyword unknown and or not in has else from model as
syn keyword tillguardAction approve require refer decline retain hold case low medium high notify issuer ask
syn keyword tillguardAction cardholder freeze id_document password analyst en zh
syn keyword tillguardFunction count sum min max mean distinct share first last contains startsWith endsWith
syn keyword tillguardFunction size duration int double string same
syn keyword tillguardFact amount mcc goods terminal merchant pin card.status kind hour overflow weekday entry
syn keyword tillguardFact card card.pin_tries card.first_use card.idle_days card.age_days travel.km
syn keyword tillguardFact travel.speed terminal.warned tx.amount tx.goods tx.pin tx.kind tx.hour tx.weekday
syn keyword tillguardFact tx.entry hot terminal.mcc terminal.id merchant.id card.overflow clock.suspect
syn keyword tillguardFact profile.usual profile.mean profile.max profile.ratio profile.unusual profile.frauds
syn keyword tillguardEvent attempts approved declined reversed confirmed plain unusual refunds place
syn keyword tillguardValue true false right wrong absent untried locked active lost stolen purchase cash
syn keyword tillguardValue refund other pre_authorisation completion chip contactless stripe fallback manual
hi def link tillguardHeader PreProc
hi def link tillguardComment Comment
hi def link tillguardText String
hi def link tillguardFigure Identifier
hi def link tillguardNumber Number
hi def link tillguardKeyword Keyword
hi def link tillguardAction Statement
hi def link tillguardFunction Function
hi def link tillguardFact Identifier
hi def link tillguardEvent Type
hi def link tillguardValue Constant
let b:current_syntax = "tillguard-rules"
