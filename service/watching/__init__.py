"""What signs of drift are summed from: answers week by week, how sure they were, and what people said of them."""
