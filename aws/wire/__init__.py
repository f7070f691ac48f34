"""The AWS wire API: protocols and signatures, driven by botocore's models.

endpoint.py is the WSGI callable; it reads top to bottom: identify.py (which operation?) →
sigv4.py (who?) → throttle.py → parse.py → the operation → render.py. No service has code here.
"""
