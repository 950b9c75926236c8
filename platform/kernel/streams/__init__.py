"""Live streams of Server-Sent Events, held open by one thread of the process that was asked.

The gateway answers the request as any other; while the body begins, the connection is taken out
of the server's hands (`handover`) and becomes one of the `Hub`'s. See docs/adr/0175.
"""
