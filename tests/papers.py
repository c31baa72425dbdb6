"""A source that is a folder of documents, as tests of the pipeline add it."""

SOURCE = """
name: papers
title: 年报
publisher: 云岭县人民政府
region: {code: "900121", name: 云岭县}
adapter: folder
folder: {path: papers}
"""
