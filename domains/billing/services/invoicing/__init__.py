"""Invoices: from lines to numbered documents, and the books that they are kept in.

In the order in which an invoice lives: `taxing` decides (by `tax_rules`, or by the `tax_answers` of
a service that is asked through `tax_port`), `drafting` computes, `issuing` makes it final,
`settling` sees it paid, voided or written off, `credit_notes` take of it back. Whatever of this
moves money is a group in the `ledger`, made by `booking`.
"""
