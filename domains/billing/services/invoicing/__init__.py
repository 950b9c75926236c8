"""Invoices: from lines to numbered documents, and the books that they are kept in.

In the order in which an invoice lives: `taxing` decides, `drafting` computes, `issuing` makes it
final, `settling` sees it paid, voided or written off, `credit_notes` take of it back. Whatever of
this moves money is a group in the `ledger`, made by `booking`.
"""
