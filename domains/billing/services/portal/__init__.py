"""The page on which an organization looks after its own billing.

`passes` says who may see it, `visiting` lets them in, `showing` is what they see, `acting` what
they do there.
"""
